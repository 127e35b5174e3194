"""All settings, each with its default and a sentence; `VINCULUM_NAME` in the environment sets them."""

from pathlib import Path

from pydantic import Field, SecretStr
from pydantic_settings import BaseSettings, SettingsConfigDict


class Settings(BaseSettings):
    """The settings of the server and the command line."""

    model_config = SettingsConfigDict(env_prefix="VINCULUM_")

    store: str = Field(
        "store", description="Where the graph lies: a folder, `memory`, or the URL of a SPARQL endpoint."
    )
    host: str = Field("127.0.0.1", description="The address to listen on.")
    port: int = Field(8000, description="The port to listen on.", ge=0, le=65535)
    read_only: bool = Field(False, description="Refuse all writes over HTTP.")
    write_key: SecretStr | None = Field(
        None, description="The bearer token for writes over HTTP; without it they are refused."
    )
    query_timeout: float = Field(30, description="The seconds a query may keep the engine busy, or a deal take.", gt=0)
    query_memory: int = Field(4096, description="The MiB of address space one query worker may use.", ge=256)
    query_workers: int = Field(2, description="How many queries of users run at once, and as many deals.", ge=1)
    max_body: int = Field(128 * 2**20, description="The largest request body in bytes.", ge=1)
    cors_origins: list[str] = Field(["*"], description="Origins that browsers may call from (JSON list).")

    @property
    def store_path(self) -> str | Path:
        """The store's location as `graph.open_graph` takes it."""
        return self.store if self.store == "memory" or "://" in self.store else Path(self.store)
