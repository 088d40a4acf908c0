"""Writes tensorboard.hex: the event file of three steps as TensorBoard's own classes write it.

tensorboard 2.20.0, Python 3.11. No randomness.
    python -m venv env && env/bin/pip install tensorboard==2.20.0
    env/bin/python make_tensorboard.py > tensorboard.hex
"""

import io

from tensorboard.compat.proto.event_pb2 import Event, SessionLog
from tensorboard.compat.proto.summary_pb2 import Summary
from tensorboard.summary.writer.record_writer import RecordWriter

start = 1769860800.0  # 2026-01-31T12:00:00Z
stream = io.BytesIO()
writer = RecordWriter(stream)


def write(event: Event) -> None:
    writer.write(event.SerializeToString())


def scalar(second: int, step: int, loss: float) -> None:
    summary = Summary(value=[Summary.Value(tag="train/loss", simple_value=loss)])
    write(Event(wall_time=start + second, step=step, summary=summary))


write(Event(wall_time=start, file_version="brain.Event:2"))
scalar(0, 1, 0.5)
scalar(1, 300, 0.25)
write(Event(wall_time=start + 2, step=2, session_log=SessionLog(status=SessionLog.START)))
scalar(2, 2, 0.125)
print(stream.getvalue().hex())
