"""A Slurm cluster of this machine alone, for a test: its own munge key and socket, one slurmctld, one slurmd, free ports.

Needs root (slurmd starts jobs), Debian's packages munge, slurmctld and slurmd, and no systemd. Nothing outside its folder is
touched; everything it started is ended.
"""
import os
import pathlib
import shutil
import socket
import subprocess
import time

NEEDED = ("munged", "slurmctld", "slurmd", "sbatch", "squeue", "scontrol", "scancel")
PATIENCE = 300  # for daemons on a busy machine [s]
CONFIGURATION = """ClusterName=lihost-test
SlurmctldHost=localhost(127.0.0.1)
AuthType=auth/munge
AuthInfo=socket={folder}/munge.sock
CredType=cred/munge
SlurmUser=root
SlurmdUser=root
SlurmctldPort={controller}
SlurmdPort={daemon}
SlurmctldPidFile={folder}/slurmctld.pid
SlurmdPidFile={folder}/slurmd.pid
StateSaveLocation={folder}/state
SlurmdSpoolDir={folder}/spool
SlurmctldLogFile={folder}/slurmctld.log
SlurmdLogFile={folder}/slurmd.log
PlugStackConfig={folder}/plugstack.conf
ProctrackType=proctrack/linuxproc
TaskPlugin=task/none
JobAcctGatherType=jobacct_gather/none
AccountingStorageType=accounting_storage/none
SelectType=select/cons_tres
SelectTypeParameters=CR_CPU
SlurmdParameters=config_overrides
SchedulerType=sched/backfill
SchedulerParameters=bf_interval=1,sched_interval=2
MpiDefault=none
ReturnToService=2
KillWait=5
MailProg=/bin/true
NodeName=localhost NodeAddr=127.0.0.1 CPUs={cpus} RealMemory=500 State=UNKNOWN
PartitionName=test Nodes=localhost Default=YES MaxTime=00:30:00 State=UP
"""


def missing() -> list[str]:
    """What stands in the way of a cluster here; nothing when it can be started."""
    reasons = [f"no {name}" for name in NEEDED if not find(name)]
    return reasons + (["not root"] if os.geteuid() else [])


def find(name: str) -> str | None:
    return shutil.which(name, path=os.environ.get("PATH", "") + ":/usr/sbin:/sbin")


def free_ports(count: int) -> list[int]:
    sockets = [socket.socket() for _ in range(count)]
    for one in sockets:
        one.bind(("127.0.0.1", 0))
    ports = [one.getsockname()[1] for one in sockets]
    for one in sockets:
        one.close()
    return ports


class Cluster:
    def __init__(self, folder: pathlib.Path, cpus: int = 4):
        self.folder, self.processes = folder, []
        for name in ("state", "spool"):
            (folder / name).mkdir(parents=True)
        (folder / "plugstack.conf").touch()
        controller, daemon = free_ports(2)
        (folder / "slurm.conf").write_text(CONFIGURATION.format(folder=folder, controller=controller, daemon=daemon, cpus=cpus))
        key = folder / "munge.key"
        key.write_bytes(os.urandom(1024))
        key.chmod(0o400)
        folder.chmod(0o755)
        self.environment = dict(os.environ, SLURM_CONF=str(folder / "slurm.conf"))

    def __enter__(self):
        try:
            self.start("munged", "--foreground", "--force", f"--key-file={self.folder}/munge.key", f"--socket={self.folder}/munge.sock",
                       f"--pid-file={self.folder}/munged.pid", f"--log-file={self.folder}/munged.log",
                       f"--seed-file={self.folder}/munged.seed")
            self.wait(lambda: (self.folder / "munge.sock").exists(), PATIENCE)
            self.start("slurmctld", "-D", "-i")
            self.start("slurmd", "-D", "-N", "localhost")
            self.wait(lambda: "idle" in self.run("sinfo", "-h", "-o", "%T").stdout, PATIENCE)
        except BaseException:
            self.__exit__()
            raise
        return self

    def __exit__(self, *_):
        self.run("scancel", "--state=RUNNING", "--me")
        self.run("scancel", "--me")
        time.sleep(1)
        for process in reversed(self.processes):
            process.terminate()
            try:
                process.wait(timeout=20)
            except subprocess.TimeoutExpired:
                process.kill()
                process.wait()

    def start(self, name: str, *words: str):
        with open(self.folder / f"{name}.out", "wb") as log:
            self.processes.append(subprocess.Popen([find(name), *words], env=self.environment, stdout=log, stderr=log))

    def run(self, name: str, *words: str) -> subprocess.CompletedProcess:
        return subprocess.run([find(name) or name, *words], env=self.environment, capture_output=True, text=True, check=False)

    def wait(self, condition, seconds: float):
        end = time.monotonic() + seconds
        while not condition():
            if any(process.poll() is not None for process in self.processes):
                raise RuntimeError("a daemon has ended:\n" + self.logs())
            if time.monotonic() > end:
                raise TimeoutError(f"not so after {seconds} s:\n" + self.logs())
            time.sleep(0.3)

    def logs(self) -> str:
        return "\n".join(f"--- {path.name}\n{path.read_text(errors='replace')[-2000:]}"
                         for path in sorted(self.folder.glob("*")) if path.suffix in (".log", ".out"))

    def tasks(self) -> dict[str, str]:
        """Tasks in the queue: JOB_TASK -> state."""
        rows = self.run("squeue", "--noheader", "--array", "--format=%i %T").stdout.split("\n")
        return dict(row.split() for row in rows if row)
