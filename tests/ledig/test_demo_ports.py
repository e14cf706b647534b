"""Where `ledig demo` listens when somebody else does so already."""

from pathlib import Path

from tests.brokers import free_port
from tests.ledig.running import Running


def test_a_taken_port_is_told_and_the_next_one_used(tmp_path: Path) -> None:
    with Running("demo", "--data", tmp_path / "a", "--speed", 2) as one:
        one.until("page ")
        with Running("demo", "--data", tmp_path / "b", "--speed", 2, "--exit-after", 0.5) as two:
            assert "the page uses" in two.until("is taken; the page uses")
            assert "the broker uses" in two.until("is taken; the broker uses")
            two.until("page ")
            assert two.ended() == 0
        one.interrupt()
        assert one.ended() == 0


def test_a_taken_port_that_was_asked_for_is_an_error(tmp_path: Path) -> None:
    port = free_port()
    with Running("demo", "--data", tmp_path / "a", "--port", port, "--broker-port", free_port(), "--speed", 2) as one:
        one.until("page ")
        with Running("demo", "--data", tmp_path / "b", "--port", port) as two:
            assert two.ended() == 2
        assert f"port {port} is taken: the page cannot listen" in two.said
        with Running("demo", "--data", tmp_path / "a", "--port", free_port()) as three:
            assert three.ended() == 2
        assert f"the store is held by process {one.process.pid}" in three.said
        one.interrupt()
        assert one.ended() == 0
