"""Imports into a real service over a real socket: bad rows, lost answers, interruptions, and whole public files."""

import asyncio
import csv
import json
import os
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from pathlib import Path

import httpx
import pytest
import uvicorn

from infra.host import host
from infra.importing import figures
from seeds.importing.loading import Account, Watchers, load
from seeds.importing.profiles import PATHS
from seeds.importing.report import Report
from seeds.importing.sending import Fault, Sender
from shared.contracts.projects import EarlierProjectsImported
from shared.kernel.types import Role
from tests.kit.platform import Running, Someone, someone
from tests.kit.tokens import headers_for

PUBLIC = Path(os.environ.get("HECHUAN_DATA_DIR") or Path(__file__).resolve().parents[2].parent / "shared" / "data")
OFFICER = someone(Role.PROGRAMME_OFFICER)
COORDINATOR = someone(Role.COORDINATOR)


def public(name: str) -> Path:
    path = PUBLIC / name
    if not path.is_file():
        pytest.skip(f"the public data folder is not here ({name}); set HECHUAN_DATA_DIR")
    return path


@asynccontextmanager
async def over_http(service: Running) -> AsyncIterator[int]:
    """The service behind a socket; gives the port."""
    app = host([service.service])
    server = uvicorn.Server(uvicorn.Config(app, port=0, lifespan="off", ws="none", log_config=None))
    serving = asyncio.create_task(server.serve())
    try:
        async with asyncio.timeout(20):
            while not server.started:
                await asyncio.sleep(0.02)
        yield server.servers[0].sockets[0].getsockname()[1]
    finally:
        server.should_exit = True
        await serving


@asynccontextmanager
async def losing_answers(port: int, every: int) -> AsyncIterator[int]:
    """A line to the port that breaks before every n-th answer, when the service has done its work."""
    answers = 0
    writers: list[asyncio.StreamWriter] = []

    async def connected(reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
        nonlocal answers
        there, to_service = await asyncio.open_connection("127.0.0.1", port)
        writers.extend((writer, to_service))

        async def forth() -> None:
            while piece := await reader.read(65536):
                to_service.write(piece)
                await to_service.drain()

        forward = asyncio.create_task(forth())
        try:
            while piece := await there.read(65536):
                answers += piece.startswith(b"HTTP/1.1")
                if answers % every == 0:
                    break
                writer.write(piece)
                await writer.drain()
        finally:
            forward.cancel()
            writer.close()
            to_service.close()

    line = await asyncio.start_server(connected, "127.0.0.1", 0)
    try:
        yield line.sockets[0].getsockname()[1]
    finally:
        line.close()
        for writer in writers:
            writer.close()


class Import:
    """An import into the service at a port, with what it told its watchers."""

    def __init__(self, service: Running, port: int) -> None:
        self._service = service
        self._port = port
        self.refused: list[Fault] = []
        self.stop_at = 0

    async def __call__(self, kind: str, path: Path, who: Someone, report: Path | None = None) -> Account:
        await self._service.know(who)
        self.refused = []
        return await asyncio.to_thread(self._load, kind, path, who, report)

    def _load(self, kind: str, path: Path, who: Someone, report: Path | None) -> Account:
        address = f"http://127.0.0.1:{self._port}"
        client = httpx.Client(base_url=address, headers=headers_for(who.subject), timeout=60, trust_env=False)
        with client, Report(report) as listed:
            calls = 0

            def refused(fault: Fault) -> None:
                self.refused.append(fault)
                listed.refused(fault)

            def progress(account: Account, position: int, size: int) -> None:
                nonlocal calls
                assert 0 <= position <= size
                calls += 1
                if calls == self.stop_at:
                    raise KeyboardInterrupt

            watch = Watchers(refused, listed.left_out, progress)
            return load(kind, path, "", 0, lambda source: Sender(client, PATHS[kind], source), watch)


def projects_file(folder: Path, rows: int) -> Path:
    path = folder / "City plan.jsonl"
    lines = [json.dumps({"number": f"P-{n}", "title": f"镁合金薄板轧制 {n}", "people": ["赵林"]}) for n in range(rows)]
    path.write_text("\n".join(lines), encoding="utf-8")
    return path


async def count(service: Running, table: str) -> int:
    return int((await service.rows(f"SELECT count(*) AS n FROM {table}"))[0]["n"])


async def test_broken_rows_are_listed_with_their_line_and_the_rest_loads(projects: Running, tmp_path: Path) -> None:
    path = tmp_path / "plan.csv"
    path.write_text(
        "number,title,amount,currency,starts_on,ends_on\n"
        "P-1,Melts,1200.50,CNY,2020-01-01,2022-12-31\n"
        "P-2,,1,CNY,2020-01-01,\n"
        "P-3,Ends first,1,CNY,2020-01-01,2019-01-01\n"
        "P-4,short\n"
        'P-5,"never closed,1,CNY,,\n'
        "P-6,Odd amount,about 5,CNY,,\n"
        "P-1,=other words,1,CNY,,\n"
        "P-7,Unknown money,1,XAU,,\n"
        "P-8,Last,1,CNY,,\n",
        encoding="utf-8",
    )
    async with over_http(projects) as port:
        run = Import(projects, port)
        account = await run("projects", path, OFFICER, tmp_path / "refused.csv")
    assert (account.read, account.accepted, account.refused) == (9, 3, 6)
    assert figures(account)["met"]
    assert {fault.line: fault.field for fault in run.refused} == {
        3: "title",
        4: "",
        5: "",
        6: "",
        8: "number",
        9: "currency",
    }
    with (tmp_path / "refused.csv").open(encoding="utf-8-sig", newline="") as file:
        listed = {int(row["line"]): row for row in csv.DictReader(file)}
    assert sorted(listed) == [3, 4, 5, 6, 7, 8, 9]
    assert listed[7]["outcome"] == "loaded without this value"
    assert listed[4]["row"].startswith("P-3,Ends first")
    stored = await projects.rows("SELECT number, amount, source FROM earlier_projects ORDER BY number")
    assert [(row["number"], row["source"]) for row in stored] == [("P-1", "plan"), ("P-6", "plan"), ("P-8", "plan")]
    assert [str(row["amount"]) for row in stored] == ["1200.50", "None", "1.00"]


async def test_a_repeated_import_changes_nothing(projects: Running, tmp_path: Path) -> None:
    path = projects_file(tmp_path, 1200)
    async with over_http(projects) as port:
        run = Import(projects, port)
        first = await run("projects", path, OFFICER)
        before = await projects.rows("SELECT * FROM earlier_projects ORDER BY number")
        second = await run("projects", path, OFFICER)
    assert (first.accepted, second.accepted, second.unchanged) == (1200, 0, 1200)
    assert await projects.rows("SELECT * FROM earlier_projects ORDER BY number") == before


async def test_answers_lost_on_the_way_double_nothing(projects: Running, tmp_path: Path) -> None:
    async with over_http(projects) as port, losing_answers(port, every=2) as line:
        account = await Import(projects, line)("projects", projects_file(tmp_path, 2600), OFFICER)
    assert (account.accepted, account.unchanged, account.refused) == (2600, 0, 0)
    assert await count(projects, "earlier_projects") == 2600
    told = [event["data"]["accepted"] for event in await projects.said(EarlierProjectsImported)]
    assert sum(told) == 2600, "a batch that was sent again said its fact again"


async def test_ctrl_c_says_how_far_it_got_and_the_next_run_completes(projects: Running, tmp_path: Path) -> None:
    path = projects_file(tmp_path, 3000)
    async with over_http(projects) as port:
        run = Import(projects, port)
        run.stop_at = 3
        first = await run("projects", path, OFFICER)
        assert "Ctrl-C" in first.stopped
        assert first.done_to_line == first.accepted == await count(projects, "earlier_projects")
        assert 0 < first.accepted < 3000
        assert not figures(first)["met"]
        run.stop_at = 0
        second = await run("projects", path, OFFICER)
    assert second.unchanged == first.accepted
    assert await count(projects, "earlier_projects") == 3000


async def test_a_person_who_may_not_import_is_told_and_nothing_is_stored(projects: Running, tmp_path: Path) -> None:
    async with over_http(projects) as port:
        account = await Import(projects, port)("projects", projects_file(tmp_path, 20), someone(Role.APPLICANT))
    assert "403" in account.stopped
    assert account.accepted == await count(projects, "earlier_projects") == 0


async def test_organisations_and_their_people(catalog: Running, tmp_path: Path) -> None:
    (tmp_path / "institutions.csv").write_text("id,org,city,state\n3,State University,Dayton,OH\n4,A Society,Rome,NY\n")
    (tmp_path / "pi-names.csv").write_text("pi_id,name\n7,- Robby\n8,Bo Chen\n9,\n")
    (tmp_path / "pi-affiliations.csv").write_text("pi_id,inst_id\n7,3\n8,4\n")
    who = someone(Role.COORDINATOR)
    async with over_http(catalog) as port:
        run = Import(catalog, port)
        places = await run("organisations", tmp_path / "institutions.csv", who)
        people = await run("people", tmp_path / "pi-names.csv", who)
    assert (places.accepted, places.refused) == (1, 1)
    assert (people.accepted, people.refused) == (1, 2)
    assert sorted((fault.line, fault.field) for fault in run.refused) == [(3, "organisation_number"), (4, "name")]
    (row,) = await catalog.rows(
        "SELECT p.name, o.name AS place FROM people p JOIN organisations o ON o.id = organisation_id"
    )
    assert row == {"name": "Robby", "place": "State University"}


@pytest.mark.data
async def test_more_than_ten_thousand_real_projects(projects: Running, capsys: pytest.CaptureFixture[str]) -> None:
    path = public("projects/nsfc_zh.csv.gz")
    async with over_http(projects) as port:
        account = await Import(projects, port)("projects", path, OFFICER)
    with capsys.disabled():
        print(json.dumps(figures(account), ensure_ascii=False))
    assert figures(account)["met"]
    assert account.accepted >= 10_000
    assert await count(projects, "earlier_projects") == account.accepted
    (row,) = await projects.rows("SELECT * FROM earlier_projects WHERE number = '71701002'")
    assert (row["title"], str(row["amount"])) == ("面向顾客模糊性要求的服务交互管理与创新机制研究", "170000.00")


@pytest.mark.data
async def test_more_than_five_thousand_real_patents(
    ip: Running, tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    path = public("patents/in_grants_2018.csv.gz")
    async with over_http(ip) as port:
        run = Import(ip, port)
        account = await run("patents", path, someone(Role.IP_OFFICER), tmp_path / "refused.csv")
        again = await run("patents", path, someone(Role.IP_OFFICER))
    with capsys.disabled():
        print(json.dumps(figures(account), ensure_ascii=False))
    assert figures(account)["met"]
    assert account.accepted >= 5_000
    assert (again.accepted, again.refused) == (0, account.refused)
    assert await count(ip, "patents") == account.accepted
    with (tmp_path / "refused.csv").open(encoding="utf-8-sig", newline="") as file:
        lines = {row["line"] for row in csv.DictReader(file) if row["outcome"] == "refused"}
    assert len(lines) == account.refused


async def test_orcid_records_become_people_once(catalog: Running) -> None:
    path = public("people/orcid_sample_2022_10.tar.gz")
    async with over_http(catalog) as port:
        run = Import(catalog, port)
        account = await run("people", path, COORDINATOR)
        again = await run("people", path, COORDINATOR)
    print(figures(account))
    assert (account.read, account.accepted, account.refused) == (8, 7, 1)
    assert [fault.reason for fault in run.refused] == ["is ORCID's own refusal, no record: The ORCID record is locked."]
    assert (again.accepted, again.unchanged) == (0, 7)
    assert await count(catalog, "affiliations") == 0
