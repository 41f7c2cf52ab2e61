"""A foreign key over two columns: what Django's ForeignKey cannot say, and a CHECK cannot see."""

from typing import Any

from django.core.exceptions import ValidationError
from django.db import DEFAULT_DB_ALIAS
from django.db.backends.base.schema import BaseDatabaseSchemaEditor
from django.db.backends.ddl_references import Statement
from django.db.models import BaseConstraint, Model


class CompositeForeignKey(BaseConstraint):
    """FOREIGN KEY (columns) REFERENCES table (references), checked at commit; NULL in any column satisfies it.

    Written inline in CREATE TABLE, so it survives the table rebuilds that Django's SQLite migrations are made of.
    `references` needs a UniqueConstraint over exactly these columns in the other table.
    """

    def __init__(self, *, columns: list[str], to_table: str, references: list[str], name: str) -> None:
        super().__init__(name=name)
        self.columns = columns
        self.to_table = to_table
        self.references = references

    def constraint_sql(self, model: type[Model] | None, schema_editor: BaseDatabaseSchemaEditor | None) -> str:
        assert schema_editor is not None  # noqa: S101 - Django always passes one; its type says it may not
        quote = schema_editor.quote_name
        columns = ", ".join(quote(column) for column in self.columns)
        references = ", ".join(quote(column) for column in self.references)
        return (
            f"CONSTRAINT {quote(self.name)} FOREIGN KEY ({columns}) "
            f"REFERENCES {quote(self.to_table)} ({references}) DEFERRABLE INITIALLY DEFERRED"
        )

    def create_sql(self, model: type[Model] | None, schema_editor: BaseDatabaseSchemaEditor | None) -> Statement:  # type: ignore[override]  # as Django's own
        assert model is not None  # noqa: S101
        assert schema_editor is not None  # noqa: S101
        table = schema_editor.quote_name(model._meta.db_table)
        return Statement(f"ALTER TABLE {table} ADD {self.constraint_sql(model, schema_editor)}")

    def remove_sql(self, model: type[Model] | None, schema_editor: BaseDatabaseSchemaEditor | None) -> Statement:  # type: ignore[override]  # as Django's own
        assert model is not None  # noqa: S101
        assert schema_editor is not None  # noqa: S101
        quote = schema_editor.quote_name
        return Statement(f"ALTER TABLE {quote(model._meta.db_table)} DROP CONSTRAINT {quote(self.name)}")

    def validate(self, model: type[Model], instance: Model, exclude: Any = None, using: str = DEFAULT_DB_ALIAS) -> None:
        """Checked by the database at commit; full_clean() has nothing cheaper to offer."""
        if len(self.columns) != len(self.references):
            raise ValidationError(self.get_violation_error_message())

    def deconstruct(self) -> Any:
        path, _, kwargs = super().deconstruct()
        kwargs |= {"columns": self.columns, "to_table": self.to_table, "references": self.references}
        return path, (), kwargs

    def __eq__(self, other: object) -> bool:
        return isinstance(other, CompositeForeignKey) and self.deconstruct() == other.deconstruct()

    __hash__ = None  # type: ignore[assignment]
