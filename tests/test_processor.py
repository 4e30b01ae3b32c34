"""What a batch of due jobs writes."""

from __future__ import annotations

from factories import Factory

from autosync.database.pool import Pool
from autosync.processor import Processor


async def test_a_due_reminder_texts_only_whoever_has_not_answered(factory: Factory, pool: Pool) -> None:
    sync = await factory.sync(invitees=3)
    await factory.answer(sync, sync.contacts[0], 1)
    await factory.make_due(sync.id, "reminder_24h")

    summary = await Processor(pool=pool).process_due()

    assert (summary.processed, summary.messages, summary.remaining) == (1, 3, 0)
    assert {contact for contact, *_ in await factory.texts(sync.id, "reminder")} == set(sync.contacts[1:])
