"""What `gis-grid doctor` looks at: every part, one line each, and what to do."""

import locale
import shutil
import sys
from collections.abc import Callable, Iterator
from importlib.resources import files
from importlib.util import find_spec
from pathlib import Path

from sqlalchemy import Connection, create_engine, text
from sqlalchemy.exc import SQLAlchemyError

from gis_service import keys, migrations, postgres_install, row_locks, row_places
from gis_service.access import second_factor, trail_check
from gis_service.checks import Check
from gis_service.cluster import database_url
from gis_service.errors import GridError
from gis_service.settings import Settings

OLDEST_PYTHON = (3, 11)
LEAST_FREE_GB = 2
PACKAGES = (
    "fastapi",
    "geopandas",
    "pyogrio",
    "asyncpg",
    "psycopg",
    "shapely",
    "folium",
)
FOR_THE_OWNER = ("intake.changes", "intake.issues")
"""Tables that hold what rows of persons were before: no reader may see them."""
TIME_ZONE = "Asia/Shanghai"
LINES_LOOKED_AT = 1000
LOGINS_NAMED = 5
UNQUOTED = {
    "log_parameter_max_length": "0",
    "log_parameter_max_length_on_error": "0",
    "log_error_verbosity": "terse",
    "log_statement": "none",
}
"""Settings under which the server's log holds no value of a row or parameter."""


def examine(settings: Settings) -> Iterator[Check]:
    """Look at every part, those of the database last and only if it answers."""
    yield python()
    yield packages()
    yield encoding()
    yield disk(settings.data_folder)
    yield client()
    if settings.database_url is None:
        yield (found := programs())
        if not found.ok:
            return
    try:
        engine = create_engine(database_url(settings))
        with engine.connect() as connection:
            for look in IN_DATABASE:
                yield look(connection)
            yield key(settings, connection)
        engine.dispose()
    except (GridError, SQLAlchemyError) as refusal:
        says = str(refusal).strip().splitlines()[0]
        yield Check("数据库 database", ok=False, says=says, do="gis-grid db start")


def python() -> Check:
    """Look at the version of Python."""
    version = ".".join(map(str, sys.version_info[:3]))
    is_new = sys.version_info[:2] >= OLDEST_PYTHON
    return Check("Python", is_new, version, do="安装 (install) Python ≥ 3.11")


def packages() -> Check:
    """Look whether the packages the service cannot do without are installed."""
    missing = [name for name in PACKAGES if find_spec(name) is None]
    says = f"缺少 (missing): {' '.join(missing)}" if missing else "齐全 (complete)"
    return Check("程序包 packages", not missing, says, do="make venv")


def encoding() -> Check:
    """Look whether file names and text are UTF-8, as Chinese names need."""
    seen = {sys.getfilesystemencoding().lower(), locale.getencoding().lower()}
    says = ", ".join(sorted(seen))
    do = "export LC_ALL=C.UTF-8"
    return Check("字符编码 encoding", seen == {"utf-8"}, says, do)


def disk(folder: Path) -> Check:
    """Look at the free space where the data are."""
    existing = next(
        place for place in (folder, *folder.resolve().parents) if place.exists()
    )
    free_gb = shutil.disk_usage(existing).free / 1024**3
    says = f"{free_gb:.1f} GB 可用 (free) {existing.resolve()}"
    do = f"腾出空间 (free at least) {LEAST_FREE_GB} GB"
    return Check("磁盘 disk", free_gb >= LEAST_FREE_GB, says, do)


def client() -> Check:
    """Look whether the web client is built."""
    page = Path(str(files("gis_service"))) / "static" / "index.html"
    says = "已构建 (built)" if page.exists() else "未构建 (not built)"
    return Check("网页端 web client", page.exists(), says, do="make web")


def programs() -> Check:
    """Look for PostgreSQL's programs with PostGIS."""
    name = "PostgreSQL/PostGIS"
    try:
        postgres = postgres_install.find()
    except postgres_install.PostgisMissingError as missing:
        return Check(name, ok=False, says="未安装 (not installed)", do=missing.detail)
    says = f"PostgreSQL {postgres.major} ({postgres.folder})"
    return Check(name, ok=True, says=says)


def answer(connection: Connection) -> Check:
    """Look whether the database answers, with PostGIS in it."""
    name = "数据库 database"
    installed = "SELECT extversion FROM pg_extension WHERE extname = 'postgis'"
    version = connection.execute(text("SHOW server_version")).scalar_one()
    postgis = connection.execute(text(installed)).scalar()
    says = f"PostgreSQL {version}, PostGIS {postgis or '–'}"
    return Check(name, postgis is not None, says, do="CREATE EXTENSION postgis")


def schema(connection: Connection) -> Check:
    """Look whether every migration has run."""
    url = connection.engine.url.render_as_string(hide_password=False)
    is_at, head = migrations.revision(url), migrations.head()
    says = f"{is_at or '空 (empty)'} / {head}"
    return Check("表结构 migrations", is_at == head, says, do="gis-grid migrate")


def roles(connection: Connection) -> Check:
    """Look whether the roles readers take can get round no rule."""
    rows = connection.execute(
        text(
            "SELECT rolname, rolsuper OR rolbypassrls AS is_mighty FROM pg_roles "
            "WHERE rolname = ANY(:names)"
        ),
        {"names": list(row_locks.ROLES)},
    )
    found = {row.rolname: row.is_mighty for row in rows}
    faults = [name for name in row_locks.ROLES if found.get(name, True)]
    says = f"缺少或权力过大 (missing or too mighty): {' '.join(faults)}"
    do = "gis-grid migrate; ALTER ROLE … NOSUPERUSER NOBYPASSRLS"
    return Check(
        "角色 roles", not faults, says if faults else ", ".join(row_locks.ROLES), do
    )


def owner(connection: Connection) -> Check:
    """Look whether who migrates and imports sees every row, as they must."""
    mighty = "SELECT rolsuper OR rolbypassrls FROM pg_roles WHERE rolname = :name"
    name = connection.execute(text("SELECT current_user")).scalar_one()
    ok = bool(connection.execute(text(mighty), {"name": name}).scalar())
    says = name if ok else f"{name} 受行级安全限制 (is under row security)"
    return Check("属主 owner", ok, says, do=f"ALTER ROLE {name} BYPASSRLS")


def row_security(connection: Connection) -> Check:
    """Look whether the database itself refuses what is of other people's scopes."""
    faults = row_locks.faults(connection)
    says = "; ".join(faults) or f"{len(row_locks.POLICIES)} 张表 (tables)"
    do = "gis-grid migrate; 撤销多余的策略、权限、函数 (drop what was added)"
    return Check("行级安全 row security", not faults, says, do)


def closed_tables(connection: Connection) -> Check:
    """Look whether what changed in rows of persons is closed to every reader."""
    rows = connection.execute(
        text(
            "SELECT rolname || ': ' || name FROM pg_roles, unnest(CAST(:tables AS "
            "text[])) AS name WHERE rolname = ANY(:roles) "
            "AND has_any_column_privilege(rolname, to_regclass(name), 'SELECT')"
        ),
        {"tables": list(FOR_THE_OWNER), "roles": list(row_locks.ROLES)},
    )
    opened = list(rows.scalars())
    says = f"可读 (may be read): {', '.join(opened)}" if opened else "无 (nobody)"
    do = "REVOKE ALL ON … FROM grid_login, grid_all, grid_scoped"
    return Check("导入记录可读者 readers of intake", not opened, says, do)


def reaches(connection: Connection) -> Check:
    """Count rows that lie outside the reach of their code, where no map finds them."""
    name = "编码范围 reaches"
    exists = "SELECT to_regclass('grid.reaches') IS NOT NULL"
    do = "gis-grid migrate"
    if not connection.execute(text(exists)).scalar_one():
        return Check(name, ok=False, says="没有表 (no table)", do=do)
    places = row_places.count(connection)
    says = ", ".join(
        f"{each.table} {each.outside}/{each.seen}{'*' if each.is_sample else ''}"
        for each in places
    )
    if any(each.is_sample for each in places):
        says += " (* 抽查 a sample)"
    do = "重新导入网格 (import the cells again)"
    is_well = not any(each.outside for each in places)
    return Check(name, is_well, f"在外 (outside): {says}", do)


def chain(connection: Connection) -> Check:
    """Look whether the newest lines of the trail are as they were written."""
    name, do = "日志链 trail", "gis-grid trail check"
    exists = "SELECT to_regclass('access.trail_links') IS NOT NULL"
    if not connection.execute(text(exists)).scalar_one():
        says = "没有表 (no table)"
        return Check(name, ok=False, says=says, do="gis-grid migrate")
    verdict = trail_check.check(connection, last=LINES_LOOKED_AT)
    says = f"最近 {verdict.lines} 条完整 (newest lines whole)"
    if not verdict.is_whole:
        says = f"第 {verdict.first_broken} 条不符 (broken at this line)"
    return Check(name, verdict.is_whole, says, do)


def second_factors(connection: Connection) -> Check:
    """Name who may do much and signs in by a password alone: advice, no fault."""
    logins = second_factor.unguarded(connection)
    says = "管理员和督导均已启用 (all administrators and supervisors)"
    if logins:
        count, named = len(logins), " ".join(logins[:LOGINS_NAMED])
        says = f"{count} 个管理或督导账号未启用 (mighty accounts without): {named}"
    do = "请各自登录后启用 (each: sign in and enrol)"
    is_advice = bool(logins)
    return Check(
        "二次验证 second factor", ok=True, says=says, do=do, is_advice=is_advice
    )


def quoting(connection: Connection) -> Check:
    """Look whether the server's log would quote rows or parameters."""
    rows = connection.execute(
        text("SELECT name, setting FROM pg_settings WHERE name = ANY(:names)"),
        {"names": list(UNQUOTED)},
    )
    seen = {row.name: row.setting for row in rows}
    quoting = {name: value for name, value in UNQUOTED.items() if seen[name] != value}
    says = "不含数据 (quotes no data)"
    if quoting:
        says = f"会写入数据 (quotes data): {', '.join(quoting)}"
    commands = (f"ALTER SYSTEM SET {name} = '{to}'" for name, to in quoting.items())
    return Check("数据库日志 database log", not quoting, says, "; ".join(commands))


def key(settings: Settings, connection: Connection) -> Check:
    """Look whether the key of the sealed values is there, for its owner alone."""
    name, file = "主密钥 key", keys.key_file(settings)
    exists = "SELECT to_regclass('people.residents') IS NOT NULL"
    sealed = (
        "SELECT EXISTS (SELECT FROM people.residents "
        "WHERE coalesce(id_number_sealed, phone_sealed) IS NOT NULL)"
    )
    is_needed = settings.master_key_file is not None or (
        connection.execute(text(exists)).scalar_one()
        and connection.execute(text(sealed)).scalar_one()
    )
    if not file.exists() and not is_needed:
        return Check(name, ok=True, says="首次使用时生成 (made on first use)")
    fault, do = keys.fault(file)
    return Check(name, not fault, fault or str(file), do)


def time_zone(connection: Connection) -> Check:
    """Look at the time zone in which due dates are counted."""
    seen = str(connection.execute(text("SHOW timezone")).scalar_one())
    do = f"ALTER DATABASE … SET timezone = '{TIME_ZONE}'"
    return Check("时区 time zone", seen == TIME_ZONE, seen, do)


def server_encoding(connection: Connection) -> Check:
    """Look whether the database stores UTF-8."""
    seen = str(connection.execute(text("SHOW server_encoding")).scalar_one())
    do = "CREATE DATABASE … ENCODING 'UTF8' TEMPLATE template0"
    return Check("数据库编码 database encoding", seen == "UTF8", seen, do)


IN_DATABASE: tuple[Callable[[Connection], Check], ...] = (
    answer,
    schema,
    roles,
    owner,
    row_security,
    closed_tables,
    time_zone,
    server_encoding,
    reaches,
    chain,
    second_factors,
    quoting,
)
"""What is looked at once the database answers."""
