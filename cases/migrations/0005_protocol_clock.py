from django.db import migrations, models


class Migration(migrations.Migration):

    dependencies = [
        ('cases', '0004_checkpoints'),
    ]

    operations = [
        migrations.AddField(
            model_name='lanejudgement',
            name='protocol_offset_s',
            field=models.FloatField(help_text='Till minus camera by how events arrive.', null=True),
        ),
        migrations.AddField(
            model_name='lanejudgement',
            name='protocol_at',
            field=models.DateTimeField(help_text='When the newest of those events arrived.', null=True),
        ),
        migrations.AddField(
            model_name='lanejudgement',
            name='disagrees_since',
            field=models.DateTimeField(help_text='Since when it cannot be squared with the clock above.', null=True),
        ),
    ]
