"""Settings of the service, read once from the environment (prefix ``GIS_``)."""

from pathlib import Path

from pydantic import Field
from pydantic_settings import BaseSettings, SettingsConfigDict


def _data_folder() -> Path:
    checkout = Path(__file__).parents[1]
    is_checkout = (checkout / "pyproject.toml").is_file()
    return checkout / "var" if is_checkout else Path("var")


class Settings(BaseSettings):
    """Everything an operator may set; each has a default that works for the demo."""

    model_config = SettingsConfigDict(env_prefix="GIS_")

    database_url: str | None = Field(
        None,
        description="PostGIS to use instead of the private cluster, as its owner "
        "(postgresql://owner:password@host/database).",
    )
    login_database_url: str | None = Field(
        None,
        description="The same database as the unprivileged login the service serves "
        "with; by default the owner's address with the user grid_login.",
    )
    data_folder: Path = Field(
        default_factory=_data_folder,
        description="Folder of the private cluster, the key file and stored photos; "
        "`var` in the checkout, or where an installed command is run.",
    )
    master_key_file: Path | None = Field(
        None,
        description="File of the master key, such as a systemd credential; by default "
        "`master.key` in the data folder, made on first use.",
    )
    host: str = Field("127.0.0.1", description="Address the web service binds to.")
    port: int = Field(8000, description="Port the web service listens on.")
    workers: int = Field(1, ge=1, le=64, description="Web worker processes.")
    pool_size: int = Field(
        8, ge=1, le=100, description="Database connections for reading, per worker."
    )
    county_code: str = Field(
        "431322", pattern=r"^\d{6}$", description="Division code of the county served."
    )
    county_name: str = Field("新化县", description="Name of the county served.")
    is_demo: bool = Field(
        default=True,
        description="Label every page and export as synthetic demonstration data.",
    )
    cookie_secure: bool = Field(
        default=False,
        description="Send the session cookie over https only; set it wherever the "
        "service is reached by https.",
    )
    public_url: str | None = Field(
        None,
        pattern=r"^https?://[^/?#\s]+$",
        description="Address people reach the service by (https://grid.example.cn), "
        "for single sign-on; by default what the browser asked for.",
    )
    trusted_proxies: str = Field(
        "",
        description="Addresses or networks of reverse proxies, by commas, whose "
        "X-Forwarded-For says where a request came from; nobody else's is believed.",
    )
    oidc_issuer: str | None = Field(
        None,
        description="Issuer of the OpenID Connect single sign-on; its discovery "
        "document is asked for. None: no single sign-on.",
    )
    oidc_client_id: str = Field("", description="What the single sign-on calls us.")
    oidc_client_secret_file: Path | None = Field(
        None, description="File that holds the client secret, for single sign-on."
    )
    oidc_login_claim: str = Field(
        "preferred_username",
        description="Claim that holds the login of an account at its first single "
        "sign-on; later its subject counts.",
    )
    oidc_title: str = Field(
        "统一身份认证", description="What the sign-in page calls the single sign-on."
    )
    oidc_is_second_factor: bool = Field(
        default=False,
        description="The single sign-on asks everybody for a second factor; without "
        "it, accounts with one get in only when the token says so (`amr`).",
    )
    session_idle_hours: int = Field(
        8, ge=1, description="Hours without a request after which a session ends."
    )
    session_absolute_hours: int = Field(
        24, ge=1, description="Hours after which a session ends whatever happens."
    )
    statement_timeout_s: int = Field(
        5, ge=1, description="Longest time one query of a map reader may take."
    )
    reveals_per_hour: int = Field(
        60, ge=1, description="Reveals of a name or number per account and hour."
    )
    reveals_per_day: int = Field(
        300, ge=1, description="Reveals of a name or number per account and day."
    )
    rows_per_day: dict[str, int] = Field(
        default={},
        description="Rows about people an account may read in a day, by role, as JSON "
        'such as {"officer": 50000}; roles not named keep what access/budget.py says.',
    )
    export_max_rows: int = Field(
        100_000,
        ge=1,
        description="Most rows in one export: over HTTP, and of persons and "
        "matters on the command line.",
    )
    log_requests: bool = Field(
        default=False,
        description="Write a line of JSON about each request to the error stream: its "
        "route, status, time and account, never what was asked.",
    )
    intake_max_mb: int = Field(
        2048, ge=1, description="Largest file the intake opens, in megabytes."
    )
