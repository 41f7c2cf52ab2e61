"""The database: brought up to date before anything uses it."""

from django.apps import apps
from django.core.management import call_command
from django.db import DatabaseError, connection
from django.db.migrations.executor import MigrationExecutor

from sessions_app.management.server.errors import CannotStartError


def migrate_database() -> None:
    """Apply what is missing. Raise CannotStartError when the database cannot be used."""
    try:
        executor = MigrationExecutor(connection)
        refuse_newer(executor)
        if executor.migration_plan(executor.loader.graph.leaf_nodes()):
            call_command("migrate", verbosity=0, interactive=False, skip_checks=True)
    except DatabaseError as error:
        reason = " ".join(str(error).split()) or type(error).__name__
        raise CannotStartError(
            f"The database {where()} cannot be used ({reason}). Put a working one in its place, or move it away to "
            "start with an empty one."
        ) from error


def refuse_newer(executor: MigrationExecutor) -> None:
    """An older program would quietly leave a newer database's rows half written."""
    ours = {config.label for config in apps.get_app_configs()}
    unknown = set(executor.loader.applied_migrations) - set(executor.loader.disk_migrations or {})
    if newer := sorted(name for app, name in unknown if app in ours):
        raise CannotStartError(
            f"The database {where()} was made by a newer Espalier (it has {newer[-1]}). Update this one, or choose "
            "another directory: ESPALIER_DATA=/another/directory make run"
        )


def where() -> str:
    """Which database, without its password."""
    found = connection.settings_dict
    return str(found["NAME"]) if connection.vendor == "sqlite" else f"{found['NAME']} on {found['HOST'] or 'localhost'}"
