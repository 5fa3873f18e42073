import threading
from pathlib import Path

from kombu import Connection

from rewards_site.broker import Transport
from rewards_site.celery import app

MESSAGES = 300


def folder_connection(tmp_path) -> Connection:
    queue, control = tmp_path / "queue", tmp_path / "control"
    for folder in (queue, control):
        folder.mkdir(exist_ok=True)
    options = {"data_folder_in": str(queue), "data_folder_out": str(queue), "control_folder": str(control)}
    return Connection("filesystem://", transport_options={**options, "polling_interval": 0.01})


def test_message_is_seen_when_it_is_whole(tmp_path, monkeypatch):
    connection = folder_connection(tmp_path)
    seen = []
    rename = Path.rename

    def look_first(part, whole):
        seen.append(([path.name for path in (tmp_path / "queue").glob("*.msg")], part.read_text()))
        return rename(part, whole)

    monkeypatch.setattr(Path, "rename", look_first)
    connection.SimpleQueue("one-letter").put({"number": 1})
    ((shown, written),) = seen
    assert shown == []
    assert written.endswith("}")


def test_reader_beside_a_writer_gets_every_message(tmp_path):
    # A name of its own: bindings of a process are remembered by name, whatever the folder.
    reading, writing = folder_connection(tmp_path), folder_connection(tmp_path)
    inbox, letters = reading.SimpleQueue("many-letters"), writing.SimpleQueue("many-letters")
    writer = threading.Thread(target=write_all, args=[letters])
    writer.start()
    found = []
    for _ in range(MESSAGES):
        message = inbox.get(timeout=20)
        message.ack()
        found.append(message.payload["number"])
    writer.join()
    assert sorted(found) == list(range(MESSAGES))


def write_all(letters) -> None:
    for number in range(MESSAGES):
        letters.put({"number": number})


def test_application_uses_the_transport_that_shows_whole_messages():
    with app.connection_for_write() as connection:
        assert isinstance(connection.transport, Transport)
