"""Branches that are older than permission modes have edited files without asking: they go on doing so."""

from django.db import migrations


def keep(apps, schema_editor):
    apps.get_model("sessions_app", "Session").objects.update(permission_mode="accept_edits")


class Migration(migrations.Migration):
    dependencies = [("sessions_app", "0002_answers")]
    operations = [migrations.RunPython(keep, migrations.RunPython.noop)]
