"""Where the parts of the platform are, read from the environment. Nothing here starts anything."""

from pathlib import Path

from pydantic import SecretStr
from pydantic_settings import BaseSettings, SettingsConfigDict

SERVICE_NAMES = ("coordination", "projects", "ip", "catalog", "finance")


class Settings(BaseSettings):
    """Addresses and secrets of one running platform.

    Every field can be given as `HECHUAN_<FIELD>`. An address that is not given is filled in by the embedded
    servers (`infra.platform`); after that step every field a service reads is set.
    """

    model_config = SettingsConfigDict(env_prefix="HECHUAN_", extra="ignore")

    state_dir: Path = Path(".hechuan")
    host: str = "127.0.0.1"
    port: int = 8000
    public_url: str = ""
    """What people type; empty means http://{host}:{port}."""

    coordination_database_url: str = ""
    projects_database_url: str = ""
    ip_database_url: str = ""
    catalog_database_url: str = ""
    finance_database_url: str = ""
    # The owner's address, for migrations; empty means the same as the application's.
    coordination_migration_url: str = ""
    projects_migration_url: str = ""
    ip_migration_url: str = ""
    catalog_migration_url: str = ""
    finance_migration_url: str = ""

    nats_url: str = ""
    nats_token: SecretStr = SecretStr("")
    nats_replicas: int = 1

    s3_url: str = ""
    s3_access_key: str = ""
    s3_secret_key: SecretStr = SecretStr("")
    s3_region: str = "us-east-1"
    s3_bucket_prefix: str = "hechuan"
    clamav_address: str = ""
    """host:port of a clamd that answers INSTREAM; empty means the built-in check only."""
    upload_limit_bytes: int = 512 * 1024 * 1024

    oidc_issuer: str = ""
    oidc_client_id: str = "hechuan"
    oidc_client_secret: SecretStr = SecretStr("")
    oidc_audience: str = "hechuan"
    oidc_algorithms: tuple[str, ...] = ("RS256", "ES256")
    oidc_jwks_file: Path | None = None
    """A pinned key set; when given, the issuer's JWKS is not fetched."""
    oidc_subject_claim: str = "sub"
    program_client_id: str = "hechuan-program"
    """The client of programs (imports, the demonstration round): client credentials."""
    program_client_secret: SecretStr = SecretStr("")
    identity_database_url: str = ""
    """The embedded provider's own database; read by nothing else."""

    session_secret: SecretStr = SecretStr("")
    """Signs the session cookie; the same for all processes of one platform."""
    receipt_key: SecretStr = SecretStr("")
    """Signs receipts of submissions (Ed25519): 32 bytes in hexadecimal, the same for all processes of one platform."""
    address_key: SecretStr = SecretStr("")
    """Under which e-mail addresses are told: 32 bytes in hexadecimal. A new key parts old marks from new ones."""
    session_idle_minutes: int = 60
    session_absolute_hours: int = 12
    administrators: tuple[str, ...] = ()
    """Subjects who hold the administrator role from the first start."""

    otlp_endpoint: str = ""

    @property
    def address(self) -> str:
        return (self.public_url or f"http://{self.host}:{self.port}").rstrip("/")

    def database_url(self, service: str) -> str:
        """The application role's address of a service's database (`postgresql://…`)."""
        return str(getattr(self, f"{service}_database_url"))

    def migration_url(self, service: str) -> str:
        """The owner's address of a service's database."""
        return str(getattr(self, f"{service}_migration_url") or self.database_url(service))
