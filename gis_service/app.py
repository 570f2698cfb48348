"""The web application: settings, database, routers and errors meet here."""

from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from importlib.resources import files
from pathlib import Path
from typing import Any

from fastapi import Depends, FastAPI, Request
from fastapi.openapi.docs import get_swagger_ui_html
from fastapi.responses import (
    FileResponse,
    HTMLResponse,
    JSONResponse,
    PlainTextResponse,
    Response,
)
from starlette.staticfiles import StaticFiles

from gis_service import __version__, definitions, metrics, migrations, problems
from gis_service.access import api as access_api
from gis_service.access import trail_api
from gis_service.access.budget import counting
from gis_service.access.origin import OriginGuard, SecurityHeaders
from gis_service.access.recent import remembering
from gis_service.access.rules import need_outside, open_to_all, routes_without_rule
from gis_service.cluster import database_url
from gis_service.database import login_engine, login_url, open_pool
from gis_service.errors import DefinitionError
from gis_service.grid import api as grid_api
from gis_service.journal import Journal
from gis_service.keys import master_key
from gis_service.matters import api as matters_api
from gis_service.people import api as people_api
from gis_service.publish import api as publish_api
from gis_service.publish import export_api, map_api
from gis_service.publish.catalog import Catalog
from gis_service.publish.maps import Maps
from gis_service.publish.openapi import extend_openapi
from gis_service.publish.serving import Serving
from gis_service.queries import api as queries_api
from gis_service.requests import BodyLimit, HeadAnswers
from gis_service.retention.daily import forgetting
from gis_service.settings import Settings

STATIC = Path(str(files("gis_service"))) / "static"


def create(settings: Settings | None = None) -> FastAPI:
    """Return the application; uvicorn calls this once per worker.

    Raises
    ------
    DefinitionError
        When a layer or map is wrong, or a route says nothing about who may use it.
    """
    settings = settings or Settings()
    app = FastAPI(
        title="网格一张图 (One Map of the Grid)",
        version=__version__,
        lifespan=_lifespan,
        openapi_url="/api/openapi.json",
        docs_url=None,
        redoc_url=None,
    )
    app.state.settings = settings
    app.state.master_key = master_key(settings)
    app.state.catalog = Catalog.load(definitions.folder("layers"))
    app.state.maps = Maps.load(definitions.folder("maps"), app.state.catalog)
    problems.install(app)
    for module in (
        access_api,
        trail_api,
        grid_api,
        people_api,
        matters_api,
        queries_api,
        publish_api,
        map_api,
        export_api,
    ):
        app.include_router(module.router)
    _add_own_routes(app)
    _refuse_open_ends(app)
    _describe_fast_paths(app)
    _mount_client(app)
    app.add_middleware(OriginGuard)
    app.add_middleware(BodyLimit)
    app.add_middleware(HeadAnswers)
    app.add_middleware(SecurityHeaders)
    # Tiles and items pass nothing else on their way but the journal, the outermost.
    app.add_middleware(Serving, state=app.state)
    app.add_middleware(Journal)
    return app


@asynccontextmanager
async def _lifespan(app: FastAPI) -> AsyncIterator[None]:
    settings: Settings = app.state.settings
    owner = database_url(settings)
    url = login_url(settings, owner)
    app.state.engine = login_engine(url, settings)
    app.state.pool = await open_pool(url, settings)
    pool = app.state.pool
    async with (
        remembering(pool, url),
        counting(pool, settings.rows_per_day),
        forgetting(owner),
    ):
        yield
    await app.state.pool.close()
    app.state.engine.dispose()


def _refuse_open_ends(app: FastAPI) -> None:
    names = routes_without_rule(app)
    if names:
        message = f"路由没有声明谁可以使用 (no rule of access): {', '.join(names)}"
        raise DefinitionError(message)


def _describe_fast_paths(app: FastAPI) -> None:
    # Tiles and items are answered in front of the framework, which so knows them not.
    describe = app.openapi

    def whole() -> dict[str, Any]:
        if app.openapi_schema is None:
            app.openapi_schema = extend_openapi(describe())
        return app.openapi_schema

    app.openapi = whole  # type: ignore[method-assign] # FastAPI's own way


def _add_own_routes(app: FastAPI) -> None:
    everybody = [Depends(open_to_all)]

    @app.get("/api/health", dependencies=everybody, tags=["service"])
    async def health() -> dict[str, str]:
        """Tell that the process is alive."""
        return {"status": "ok", "version": __version__}

    @app.get("/api/ready", dependencies=everybody, tags=["service"])
    async def ready(request: Request) -> JSONResponse:
        """Tell that the database answers and is at the newest schema."""
        query = "SELECT version_num FROM public.alembic_version"
        async with request.app.state.pool.acquire(timeout=2) as connection:
            revision = await connection.fetchval(query)
        is_ready = revision == migrations.head()
        answer = {"status": "ok" if is_ready else "migrate", "revision": revision}
        return JSONResponse(answer, 200 if is_ready else 503)

    watchers = [Depends(need_outside("administrator"))]

    @app.get("/api/metrics", dependencies=watchers, tags=["service"])
    async def measures(request: Request) -> Response:
        """Tell Prometheus how much is asked, how long it takes, how the pool stands.

        For programs of this machine, and for administrators from elsewhere.
        """
        text = metrics.exposition(request.app.state.pool)
        return Response(text, media_type=metrics.MEDIA_TYPE)

    @app.get("/api/docs", dependencies=everybody, include_in_schema=False)
    async def docs() -> HTMLResponse:
        """Show the OpenAPI document, with no request to any other host."""
        return get_swagger_ui_html(
            openapi_url="/api/openapi.json",
            title=app.title,
            swagger_js_url="/vendor/swagger-ui-bundle.js",
            swagger_css_url="/vendor/swagger-ui.css",
            swagger_favicon_url="data:,",
        )


def _mount_client(app: FastAPI) -> None:
    # Each folder for itself: mounted at the root, files would answer for every
    # address and method that the API does not know.
    everybody = [Depends(open_to_all)]
    page = STATIC / "index.html"

    @app.get("/", dependencies=everybody, include_in_schema=False)
    async def client() -> Response:
        """Show the web client, or say how to get it when it was not built."""
        if page.is_file():
            return FileResponse(page, headers={"Cache-Control": "no-cache"})
        message = "网页端尚未构建，请运行 make web (web client not built: make web)"
        return PlainTextResponse(message)

    for folder in ("assets", "vendor"):
        if (STATIC / folder).is_dir():
            app.mount(f"/{folder}", StaticFiles(directory=STATIC / folder))
