from django.contrib.postgres.operations import AddIndexConcurrently
from django.db import migrations, models


class AddIndexQuietly(AddIndexConcurrently):
    """On PostgreSQL the tills are heard meanwhile; what an attempt that broke off left behind is made anew."""

    def database_forwards(self, app_label, schema_editor, from_state, to_state):
        if schema_editor.connection.vendor != 'postgresql':
            migrations.AddIndex.database_forwards(self, app_label, schema_editor, from_state, to_state)
            return
        schema_editor.remove_index(to_state.apps.get_model(app_label, self.model_name), self.index, concurrently=True)
        super().database_forwards(app_label, schema_editor, from_state, to_state)

    def database_backwards(self, app_label, schema_editor, from_state, to_state):
        here = AddIndexConcurrently if schema_editor.connection.vendor == 'postgresql' else migrations.AddIndex
        here.database_backwards(self, app_label, schema_editor, from_state, to_state)


class Migration(migrations.Migration):

    atomic = False  # CREATE INDEX CONCURRENTLY runs in no transaction

    dependencies = [
        ('pos', '0008_feed_doubted'),
    ]

    operations = [
        AddIndexQuietly(
            model_name='posevent',
            index=models.Index(condition=models.Q(('transaction', ''), _negated=True), fields=['store', 'occurred_at'], name='pos_event_tickets'),
        ),
        AddIndexQuietly(
            model_name='posevent',
            index=models.Index(fields=['store', 'gtin', 'occurred_at'], name='pos_event_items'),
        ),
        AddIndexQuietly(
            model_name='posevent',
            index=models.Index(fields=['store', 'description', 'occurred_at'], name='pos_event_descriptions'),
        ),
        AddIndexQuietly(
            model_name='posevent',
            index=models.Index(condition=models.Q(('amount__isnull', False)), fields=['store', 'amount', 'occurred_at'], name='pos_event_amounts'),
        ),
        AddIndexQuietly(
            model_name='posevent',
            index=models.Index(condition=models.Q(('type__in', ('scan', 'heartbeat')), _negated=True), fields=['store', 'type', 'occurred_at'], name='pos_event_rare'),
        ),
        AddIndexQuietly(
            model_name='posevent',
            index=models.Index(condition=models.Q(('other_ticket__isnull', False)), fields=['store', 'other_ticket'], name='pos_event_others'),
        ),
    ]
