"""What a running process holds and uses, from /proc."""

import os
import resource

# A sanitizer's shadow memory, quarantine and stack traces are not the program's.
COUNTS_MEMORY = not os.environ.get("JITRIG_SANITIZE")


class ProcessResources:
    def __init__(self, pid):
        self._folder = f"/proc/{pid}"

    def descriptors(self):
        """Without the one by which each thread is woken: threads come as they are needed."""
        threads = self.threads()  # first: one that begins meanwhile counts as too many, not as too few
        return len(os.listdir(f"{self._folder}/fd")) - threads

    def threads(self):
        return len(os.listdir(f"{self._folder}/task"))

    def cpu_s(self):
        """User and system time up to now."""
        with open(f"{self._folder}/stat", encoding="utf-8") as file:
            fields = file.read().rpartition(")")[2].split()
        return (int(fields[11]) + int(fields[12])) / os.sysconf("SC_CLK_TCK")

    def resident_bytes(self):
        with open(f"{self._folder}/statm", encoding="utf-8") as file:
            return int(file.read().split()[1]) * os.sysconf("SC_PAGE_SIZE")

    def peak_resident_bytes(self):
        """The most since it began."""
        with open(f"{self._folder}/status", encoding="utf-8") as file:
            return next(int(line.split()[1]) * 1024 for line in file if line.startswith("VmHWM:"))


def allow_descriptors(count):
    """Raises this process's limit, which its children inherit; whether so many are allowed."""
    soft, hard = resource.getrlimit(resource.RLIMIT_NOFILE)
    if soft < count <= hard or (soft < count and hard == resource.RLIM_INFINITY):
        resource.setrlimit(resource.RLIMIT_NOFILE, (count, hard))
    return resource.getrlimit(resource.RLIMIT_NOFILE)[0] >= count
