"""All that follows one service's log, put together."""

from collections.abc import Callable, Iterable, Sequence
from datetime import datetime

from events.follow.deadline import Deadlines
from events.follow.firing import Firing
from events.follow.follower import Follower, step_together, wall_clock
from events.follow.lease import Leases
from events.follow.loop import FollowerLoop, Unit
from events.follow.projecting import ProjectionFollower
from events.follow.projection import Projection
from events.follow.reaction import Dispatch, Reaction, ReactionFollower
from events.follow.sealing import Sealing
from events.follow.tail import Tail
from events.log.database import Database
from events.log.log import EventLog


class ServiceFollowers:
    """The units of work of one service: its projections, reactions, deadlines, the ledger, and ``others`` such as the
    feed, which are made with the shared tail.

    ``dispatch`` executes a command of the service; it is needed where there are reactions or deadlines.
    """

    def __init__(
        self,
        database: Database,
        log: EventLog,
        *,
        projections: Iterable[Projection] = (),
        reactions: Iterable[Reaction] = (),
        deadlines: Iterable[Deadlines] = (),
        others: Iterable[Callable[[Tail], Unit]] = (),
        dispatch: Dispatch | None = None,
        clock: Callable[[], datetime] = wall_clock,
    ):
        self._database = database
        self.tail = tail = Tail(log)
        deadlines, reactions = list(deadlines), list(reactions)
        self.projections = [
            ProjectionFollower(projection, database, log, tail=tail, clock=clock)
            for projection in (*projections, *deadlines)
        ]
        if dispatch is None and (reactions or deadlines):
            raise ValueError("reactions and deadlines need dispatch, which executes the commands they issue")
        self.reactions: list[ReactionFollower] = []
        self.firing: list[Firing] = []
        if dispatch is not None:
            self.reactions = [
                ReactionFollower(reaction, database, log, dispatch, tail=tail, clock=clock) for reaction in reactions
            ]
            self.firing = [Firing(kind, database, log, dispatch, clock) for kind in deadlines]
        self.others = [make(tail) for make in others]
        self.sealing = Sealing(database, log)

    @property
    def units(self) -> Sequence[Unit]:
        """Everything, projections first, so that what reacts finds the views as far as itself."""
        return [*self.projections, *self.others, *self.reactions, *self.firing, self.sealing]

    def loop(self, leases: Leases | None = None) -> FollowerLoop:
        """One loop for everything; with leases it shares the work with the other copies of the service."""
        return FollowerLoop(self._database, self.tail, self.units, leases=leases)

    def drain(self, rounds: int = 100_000) -> int:
        """Steps everything until nothing is left to do; how much was done. For tests and simulations.

        Raises whatever a unit raises, and ``RuntimeError`` when it finds no end.
        """
        total = 0
        for _ in range(rounds):
            done = step_together(self._database, [unit for unit in self.units if isinstance(unit, Follower)])
            done += sum(unit.step() for unit in self.units if not isinstance(unit, Follower))
            total += done
            if not done:
                return total
        raise RuntimeError(f"the followers of {self._database.service} have not come to rest in {rounds} rounds")
