"""The commands beside a running platform, and what a restart, a taken port and a second start do."""

import json
import os
import time

import httpx
import pytest

from seeds.round import Round
from seeds.sign_in import sign_in
from tests.journeys.platform import Platform

pytestmark = pytest.mark.journeys
READY_SECONDS = 30 * max(1.0, os.getloadavg()[0] / (os.cpu_count() or 1))
"""Ten on a machine with nothing else to do; tests share theirs, so three times as long, and more where work queues."""


@pytest.fixture(scope="module")
def toured(platform: Platform, base: Round) -> dict[str, object]:
    done = platform.command("tour", "--json")
    assert done.returncode == 0, done.stdout + done.stderr
    found: dict[str, object] = json.loads(done.stdout)
    return found


def test_a_tour_plays_the_round_and_every_fact_reaches_every_hearer(toured: dict[str, object]) -> None:
    figures = toured["figures"]
    assert isinstance(figures, dict)
    print(json.dumps(figures, ensure_ascii=False))
    assert toured["met"] is True
    assert figures["facts"] > 40
    assert figures["arrived"] == figures["hops"] > figures["facts"]


def test_after_a_tour_nothing_is_missing_doubled_or_orphaned(platform: Platform, toured: dict[str, object]) -> None:
    assert toured["met"]
    done = platform.command("verify", "--json")
    assert done.returncode == 0, done.stdout + done.stderr
    found = json.loads(done.stdout)
    print(json.dumps(found["figures"], ensure_ascii=False))
    assert found["met"] is True
    assert [found["figures"][name] for name in ("missing", "doubled", "orphaned")] == [0, 0, 0]


def test_after_a_tour_every_decision_gives_the_same_answer_again(platform: Platform, toured: dict[str, object]) -> None:
    assert toured["met"]
    done = platform.command("verify", "--traces", "--json")
    assert done.returncode == 0, done.stdout + done.stderr
    found = json.loads(done.stdout)
    assert found["met"] is True
    print(json.dumps({one["what"]: one["decisions"] for one in found["compared"]}))
    assert all(one["decisions"] == one["same"] for one in found["compared"]), found["compared"]
    assert sum(one["decisions"] > 0 for one in found["compared"]) > 5, found["compared"]


def test_a_printed_token_opens_the_api(platform: Platform, base: Round) -> None:
    printed = platform.command("token", "zhao.institute")
    assert printed.returncode == 0, printed.stderr
    bearer = {"Authorization": f"Bearer {printed.stdout.strip()}"}
    me = httpx.get(f"{platform.address}/api/v1/me", headers=bearer)
    assert me.status_code == 200
    assert me.json()["subject"] == "zhao.institute"
    unknown = platform.command("token", "nobody")
    assert unknown.returncode == 1
    assert "zhao.institute" in unknown.stderr


def test_a_restart_is_quick_and_keeps_facts_files_and_sessions(platform: Platform, toured: dict[str, object]) -> None:
    session = sign_in(platform.address, "zhao.institute", platform.passwords["zhao.institute"])
    before = session.get("/projects/api/v1/projects").json()["items"]
    plan = _a_document(session)
    assert before
    assert platform.stop() == 0
    assert "Stopped." in platform.said
    seconds = platform.start()
    print(f"ready again after {seconds:.1f} s")
    assert seconds < READY_SECONDS
    assert session.get("/projects/api/v1/projects").json()["items"] == before, "the same session, the same projects"
    assert _a_document(session) == plan
    session.close()
    done = platform.command("verify", "--json")
    assert done.returncode == 0, done.stdout + done.stderr


def _a_document(session: httpx.Client) -> bytes:
    application = session.get("/projects/api/v1/applications").json()["items"][0]
    documents = session.get(f"/projects/api/v1/applications/{application['id']}").json()["documents"]
    content = session.get(f"/projects/api/v1/documents/{documents[0]['id']}/content", follow_redirects=True)
    assert content.status_code == 200
    assert content.content.startswith(b"%PDF")
    return content.content


def test_a_second_start_on_one_state_directory_is_refused_with_the_first_one_s_address(platform: Platform) -> None:
    begun = time.monotonic()
    second = platform.command("run", "--no-seed", HECHUAN_PORT="0")
    assert second.returncode == 1
    assert str(platform.state) in second.stderr
    assert "Traceback" not in second.stderr + second.stdout
    assert httpx.get(f"{platform.address}/healthz").status_code == 200, "the first one does not mind"
    assert time.monotonic() - begun < READY_SECONDS


def test_a_taken_port_is_named_with_the_program_that_holds_it(
    platform: Platform, tmp_path_factory: pytest.TempPathFactory
) -> None:
    other = tmp_path_factory.mktemp("other") / "state"
    refused = platform.command("run", "--no-seed", HECHUAN_STATE_DIR=str(other))
    assert refused.returncode == 1
    assert f"127.0.0.1:{platform.port} cannot be used" in refused.stderr
    assert "HECHUAN_PORT=" in refused.stderr
    assert "Traceback" not in refused.stderr + refused.stdout
