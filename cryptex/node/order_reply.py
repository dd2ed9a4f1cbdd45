"""The reply to a websocket's request about an order, given the moment its command is done: no task waits for it."""

from collections.abc import Awaitable, Callable

from cryptex.node.applied import Reply
from cryptex.node.stream import Stream
from cryptex.protocol.channels import RequestId
from cryptex.protocol.problems import Refusal
from cryptex.protocol.views import OrderView


class OrderReply:
    """The asker of one command. `order` finds the order in its reply, `late` where that takes a look into history."""

    __slots__ = ("_late", "_order", "_request_id", "_stream")

    def __init__(
        self,
        stream: Stream,
        request_id: RequestId,
        order: Callable[[Reply], OrderView | None],
        late: Callable[[Reply], Awaitable[OrderView]],
    ) -> None:
        self._stream = stream
        self._request_id = request_id
        self._order = order
        self._late = late

    def done(self, reply: Reply) -> None:
        """Reply with the order, or with why there is none."""
        stream = self._stream
        try:
            order = self._order(reply)
            if order is None:
                stream.begin(self._request_id, self._late(reply))
            else:
                stream.reply(self._request_id, order, reply.time_ns)
        except Refusal as refusal:
            stream.refuse(self._request_id, refusal)
        except Exception:
            stream.fault(self._request_id)
        stream.in_flight.leave()

    def failed(self, refusal: Refusal) -> None:
        """Reply with why there is no answer."""
        self._stream.refuse(self._request_id, refusal)
        self._stream.in_flight.leave()
