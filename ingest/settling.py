"""What messages and their readings came to once the store has answered: the counts, and what goes to quarantine."""

from collections import Counter, defaultdict
from collections.abc import Sequence

from ingest.committing import Committed
from ingest.formats import Ignored
from ingest.ledger import MessageCount, ReadingCount
from ingest.refusals import Refusal
from ingest.verdicts import Refused, Verdict


def count_read(verdicts: Sequence[Verdict]) -> int:
    """Return how many readings accepted messages hold, those included of which none could be accepted."""
    return sum([len(one.readings) + len(one.refusals) for one in verdicts if one.readings])


def count_messages(verdicts: Sequence[Verdict]) -> MessageCount:
    """Return what settled messages became."""
    refused = Counter([one.refusals[0].reason.value for one in verdicts if one.refusals and not one.readings])
    unchanging = [one.unchanging for one in verdicts if one.unchanging is not None]
    ignored = Counter([one.source for one in unchanging if isinstance(one, Ignored)])
    return MessageCount(
        accepted=len(verdicts) - refused.total() - len(unchanging),
        status=len(unchanging) - ignored.total(),
        ignored=ignored,
        refused=refused,
    )


def count_readings(verdicts: Sequence[Verdict], committed: Committed) -> ReadingCount:
    """Return what the readings of settled messages became."""
    beside = [refusal for one in verdicts if one.refusals and one.readings for refusal in one.refusals]
    refused = Counter([refusal.reason.value for refusal in (*beside, *(why for _, why in committed.refused))])
    return ReadingCount(
        stored=committed.stored,
        duplicate=committed.duplicate,
        spooled=committed.spooled,
        refused=refused,
        unfit=Counter([name for one in verdicts if one.unfit for name in one.unfit]),
    )


def refused_messages(verdicts: Sequence[Verdict], committed: Committed) -> list[Refused]:
    """Return each message once of which anything was refused, with every refusal; the store's come last."""
    by_store: defaultdict[Verdict, list[Refusal]] = defaultdict(list)
    for verdict, refusal in committed.refused:
        by_store[verdict].append(refusal)
    return [
        (one.message, [*one.refusals, *by_store.get(one, ())]) for one in verdicts if one.refusals or one in by_store
    ]
