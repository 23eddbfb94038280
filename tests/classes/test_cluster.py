"""On a Dask cluster the verdicts are those of one machine, also when a worker is killed."""

from __future__ import annotations

import os
import signal
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import pytest
from handed_in import Submit

from workbook import tree
from workbook.classroom import cluster
from workbook.classroom.pool import Answer, Pool, Task
from workbook.classroom.run import ClassRun, results_in
from workbook.classroom.submissions import found

distributed = pytest.importorskip("distributed", reason="skipped: the extra `cluster` is missing")


class KillsOne:
    """A cluster that loses one of its workers after its first answer."""

    def __init__(self, within: cluster.Cluster, local: Any) -> None:
        self.walls, self._within, self._local = within.walls, within, local
        self.killed = 0

    def run(self, tasks: Iterator[Task]) -> Iterator[tuple[Task, Answer]]:
        """Grade tasks; kill a worker in the middle."""
        for one in self._within.run(tasks):
            if not self.killed:
                self.killed = next(iter(self._local.workers.values())).pid
                os.kill(self.killed, signal.SIGKILL)
            yield one


@pytest.mark.filterwarnings("default")
def test_a_cluster_that_loses_a_worker_gives_the_same_verdicts(
    submit: Submit, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    for number in range(8):
        submit(f"s{number}", 1, wrong=number % 4 - 1)
        app = tmp_path / f"class/s{number}/lessons/{tree.lesson(1).package}/app.py"
        app.write_text(app.read_text("utf-8") + f"\n# {number}\n", "utf-8")
    monkeypatch.setattr(cluster, "CHUNK", 2)
    verdicts = {}
    for name in ("plain", "cluster"):
        run = ClassRun(found([tmp_path / "class"]), tmp_path / name, [tree.lesson(1)], "a seed")
        if name == "plain":
            pool = Pool(1)
            run.grade(pool)
            pool.close()
        else:
            with distributed.LocalCluster(
                n_workers=2, threads_per_worker=1, processes=True, dashboard_address=None
            ) as local:
                over = cluster.Cluster(local.scheduler_address)
                graders = KillsOne(over, local)
                run.grade(graders)
                over.close()
                assert graders.killed
        verdicts[name] = list(results_in([tmp_path / name]))
    assert verdicts["cluster"] == verdicts["plain"]
    assert {one["status"] for one in verdicts["plain"]} == {"graded"}
    assert len({one["points"] for one in verdicts["plain"]}) > 1
