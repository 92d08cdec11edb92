"""What a student's process may do: its namespaces, limits, capabilities and system calls.

Linux only, by way of ctypes. The list of system calls is an allow list; all others fail with
"operation not permitted", which Python turns into a PermissionError that feedback can show.
"""

from __future__ import annotations

import ctypes
import os
import platform
import resource
import struct

_libc = ctypes.CDLL(None, use_errno=True)
_python = ctypes.PyDLL(None, use_errno=True)  # keeps Python's lock during the call

NEWNS, NEWCGROUP, NEWUTS, NEWIPC = 0x20000, 0x02000000, 0x04000000, 0x08000000
NEWUSER, NEWPID, NEWNET, SIGCHLD = 0x10000000, 0x20000000, 0x40000000, 17
CHILD_SETTID, CHILD_CLEARTID, PR_GET_TID_ADDRESS = 0x01000000, 0x00200000, 40
MS_RDONLY, MS_NOSUID, MS_NODEV, MS_NOEXEC, MNT_DETACH = 1, 2, 4, 8, 2
MADV_COLLAPSE, HUGE = 25, 2 << 20
PR_SET_PDEATHSIG, PR_SET_DUMPABLE, PR_SET_SECCOMP, PR_SET_NO_NEW_PRIVS = 1, 4, 22, 38


def _check(result: int, what: str) -> None:
    if result:
        number = ctypes.get_errno()
        raise OSError(number, f"{what}: {os.strerror(number)}")


def fork_into_namespaces() -> int:
    """Fork into new user, process, mount, network, ipc and host-name namespaces: the child is
    process 1 of a world of its own, which ends with it. As os.fork, 0 in the child.

    One system call instead of fork, unshare and fork: half the time when torch is loaded. What
    Python does after a fork concerns threads, and there are none.
    """
    flags = NEWUSER | NEWNS | NEWPID | NEWNET | NEWIPC | NEWUTS | NEWCGROUP | SIGCHLD
    pid = _python.syscall(_TABLES[platform.machine()][2], flags, 0, 0, 0, 0)
    _check(pid < 0, "clone")
    return pid


def fork() -> int:
    """os.fork without what C libraries and Python do for threads: there are none.

    The child is process 2 of its world every time: a number that counts on would tell it how many
    threads the questions before it have begun. Older kernels count on.
    """
    if _again is not None:
        pid = _python.syscall(_TABLES[platform.machine()][3], _again, len(_again))
        if pid >= 0:
            return pid
    return _python._Fork() if hasattr(_python, "_Fork") else os.fork()


_second = ctypes.create_string_buffer(struct.pack("<i", 2), 4)  # the number of every child
_again = None


def prepare_fork() -> None:
    """Tell `fork` where the C library keeps a process's own number, as its own fork knows."""
    global _again
    place = ctypes.c_uint64()
    if not _libc.prctl(PR_GET_TID_ADDRESS, ctypes.byref(place), 0, 0, 0):
        words = [CHILD_SETTID | CHILD_CLEARTID, 0, place.value, 0, SIGCHLD, 0, 0, 0]
        words += [ctypes.addressof(_second), 1]
        _again = ctypes.create_string_buffer(struct.pack("<10Q", *words), 80)


def collapse() -> None:
    """Put this process's memory into pages of 2 MB, as far as the kernel can: a fork then copies
    one entry of a page table where it would copy 512, and its end removes as many."""
    with open("/proc/self/maps") as file:
        lines = file.read().splitlines()
    for line in lines:
        place, rights, _, _, _, *name = line.split(maxsplit=5)
        if rights.startswith("rw") and name in ([], ["[heap]"]):
            first, last = (int(text, 16) for text in place.split("-"))
            first, last = first + HUGE - 1 & -HUGE, last & -HUGE
            if first < last:
                _libc.madvise(ctypes.c_void_p(first), ctypes.c_size_t(last - first), MADV_COLLAPSE)


def settle(uid: int, gid: int, scratch: str, megabytes: int) -> None:
    """In the child: be the same user as outside, see no processes, have an empty folder."""
    for name, text in (
        ("setgroups", "deny"),
        ("uid_map", f"{uid} {uid} 1"),
        ("gid_map", f"{gid} {gid} 1"),
    ):
        with open(f"/proc/self/{name}", "w") as file:
            file.write(text)
    hidden = MS_RDONLY | MS_NOSUID | MS_NODEV | MS_NOEXEC
    _check(_libc.mount(b"none", b"/proc", b"tmpfs", hidden, b"size=4k,nr_inodes=2"), "hide /proc")
    fresh(scratch, megabytes)


def fresh(scratch: str, megabytes: int) -> None:
    """An empty temporary file system, bounded in size and in number of files; the one that is
    there stays if nobody has touched it."""
    global _untouched
    place = scratch.encode()
    if _untouched is not None:
        if _state(scratch) == _untouched:
            return
        _check(_libc.umount2(place, MNT_DETACH), "unmount the old folder")
    options = f"size={megabytes}m,nr_inodes=512,mode=700".encode()
    flags = MS_NOSUID | MS_NODEV | MS_NOEXEC
    _check(_libc.mount(b"none", place, b"tmpfs", flags, options), "mount an empty folder")
    _untouched = _state(scratch)


def _state(scratch: str) -> tuple:
    """Whatever is done to the folder or in it changes one of these."""
    about = os.stat(scratch)
    return about.st_mode, about.st_mtime_ns, about.st_ctime_ns, len(os.listdir(scratch))


def guard() -> None:
    """For process 1 of a submission: end with the parent, be closed to debuggers."""
    _libc.prctl(PR_SET_PDEATHSIG, 9, 0, 0, 0)
    _libc.prctl(PR_SET_DUMPABLE, 0, 0, 0, 0)


def limit(**bounds: int) -> None:
    """Set limits of this process by their names, `cpu=5, nofile=64`: the hard ones too, so that
    it cannot raise them again."""
    for name, bound in {"core": 0, **bounds}.items():
        which = getattr(resource, f"RLIMIT_{name.upper()}", None)
        if which is not None:
            resource.setrlimit(which, (bound, bound + 1 if name == "cpu" else bound))


def become(user: int) -> None:
    """Root no more: another user, for good."""
    os.setgroups([])
    os.setresgid(user, user, user)
    os.setresuid(user, user, user)
    drop_capabilities()
    # the kernel now guards this process from its own forks, which write their uid_map
    _libc.prctl(PR_SET_DUMPABLE, 1, 0, 0, 0)


def drop_capabilities() -> None:
    """Keep no capability, not even inside the own user namespace."""
    header = struct.pack("<Ii", 0x20080522, 0)
    _check(_libc.capset(header, bytes(24)), "capset")


# --- system calls ---------------------------------------------------------------------------
# Assembled here and not by `bwrap --seccomp`: that filter would hold for the warm process, which
# must make namespaces, mount and fork, so it could not forbid these to the student's process. The
# numbers are the kernel's promise and do not change, and libseccomp, which knows their names, would
# have to be installed where code is graded.
#
# read write futex mmap munmap mprotect madvise brk mremap close lseek newfstatat fstat stat
# lstat statx readv writev pread64 pwrite64 openat open access faccessat faccessat2 readlink
# readlinkat getcwd getdents64 fcntl dup dup2 dup3 pipe pipe2 poll ppoll select pselect6
# epoll_create1 epoll_ctl epoll_wait epoll_pwait eventfd2 rt_sigaction rt_sigprocmask
# rt_sigreturn rt_sigpending rt_sigsuspend rt_sigtimedwait sigaltstack restart_syscall tgkill
# set_robust_list get_robust_list rseq set_tid_address arch_prctl membarrier sched_yield
# sched_getaffinity sched_getparam sched_getscheduler getcpu nanosleep clock_nanosleep
# clock_gettime clock_getres gettimeofday time times getrusage setitimer getitimer alarm pause
# getpid gettid getppid getuid geteuid getgid getegid getgroups getpgrp getpgid getsid
# getresuid getresgid umask uname sysinfo getrandom getrlimit exit exit_group wait4
# waitid capget unlink unlinkat mkdir mkdirat rmdir rename renameat renameat2 truncate
# ftruncate chdir fchdir chmod fchmod fchmodat utimensat fsync fdatasync flock fallocate
# fadvise64 statfs fstatfs symlink symlinkat link linkat msync
_X86_64 = """0 1 202 9 11 10 28 12 25 3 8 262 5 4 6 332 19 20 17 18 257 2 21 269 439 89 267 79
217 72 32 33 292 22 293 7 271 23 270 291 233 232 281 290 13 14 15 127 130 128 131 219 234 273
274 334 218 158 324 24 204 143 145 309 35 230 228 229 96 201 100 98 38 36 37 34 39 186 110 102
107 104 108 115 111 121 124 118 120 95 63 99 318 97 60 231 61 247 125 87 263 83 258 84 82
264 316 76 77 80 81 90 91 268 280 74 75 73 285 221 137 138 88 266 86 265 26"""
_AARCH64 = """63 64 98 222 215 226 233 214 216 57 62 79 80 291 65 66 67 68 56 48 439 78 17 61
25 23 24 59 73 72 20 21 22 19 134 135 139 136 133 137 132 128 131 99 100 293 96 283 124 123 121
120 168 101 115 113 114 169 153 165 103 102 172 178 173 174 175 176 177 158 155 156 148 150 166
160 179 278 163 93 94 260 95 90 35 34 38 276 45 46 49 50 52 53 88 82 83 32 47 223 43 44 36
37 227"""
# architecture: its number in the kernel's audit table, the list above, then the numbers of
# clone, clone3, ioctl and prlimit64
_TABLES = {
    "x86_64": (0xC000003E, _X86_64, 56, 435, 16, 302),
    "aarch64": (0xC00000B7, _AARCH64, 220, 435, 29, 261),
}
_CLONE_THREAD = 0x10000
_IOCTLS = (0x5401, 0x5421, 0x5450, 0x5451)  # is it a terminal; blocking; close on exec
_LOAD, _EQUAL, _AT_LEAST, _ANY_BIT, _RETURN = 0x20, 0x15, 0x35, 0x45, 0x06
_ALLOW, _REFUSE, _UNKNOWN = 0x7FFF0000, 0x00050001, 0x00050026  # EPERM, ENOSYS


def _ranges(numbers) -> list[tuple[int, int]]:
    """The numbers as ranges; a short filter is assembled faster by the kernel."""
    found: list[tuple[int, int]] = []
    for n in sorted(numbers):
        if found and found[-1][1] == n - 1:
            found[-1] = (found[-1][0], n)
        else:
            found.append((n, n))
    return found


def _program(machine: str) -> list[tuple[int, int, int, int]]:
    """The filter as instructions (code, jump if true, jump if false, operand)."""
    architecture, numbers, clone, clone3, ioctl, prlimit = _TABLES[machine]
    number, low_argument_0, low_argument_1 = 0, 16, 24  # offsets in struct seccomp_data
    lines = [
        (_LOAD, 0, 0, 4),
        (_EQUAL, 1, 0, architecture),
        (_RETURN, 0, 0, _REFUSE),
        (_LOAD, 0, 0, number),
        (_AT_LEAST, 0, 1, 0x40000000),  # the second table of x86 machines
        (_RETURN, 0, 0, _REFUSE),
    ]
    for first, last in _ranges(map(int, numbers.split())):
        lines += [(_AT_LEAST, 0, 2, first), (_AT_LEAST, 1, 0, last + 1), (_RETURN, 0, 0, _ALLOW)]
    # threads may be made, processes may not; clone3 hides its flags from a filter
    lines += [(_EQUAL, 0, 1, clone3), (_RETURN, 0, 0, _UNKNOWN)]
    lines += [(_EQUAL, 0, 4, clone), (_LOAD, 0, 0, low_argument_0)]
    lines += [(_ANY_BIT, 0, 1, _CLONE_THREAD), (_RETURN, 0, 0, _ALLOW), (_RETURN, 0, 0, _REFUSE)]
    # limits: only one's own
    lines += [(_EQUAL, 0, 4, prlimit), (_LOAD, 0, 0, low_argument_0)]
    lines += [(_EQUAL, 0, 1, 0), (_RETURN, 0, 0, _ALLOW), (_RETURN, 0, 0, _REFUSE)]
    lines += [(_EQUAL, 1, 0, ioctl), (_RETURN, 0, 0, _REFUSE), (_LOAD, 0, 0, low_argument_1)]
    for n in _IOCTLS:
        lines += [(_EQUAL, 0, 1, n), (_RETURN, 0, 0, _ALLOW)]
    return [*lines, (_RETURN, 0, 0, _REFUSE)]


_filter = None
_untouched: tuple | None = None


def prepare_filter() -> None:
    """Assemble the filter once, in the warm process; and what forks need."""
    global _filter
    prepare_fork()
    if platform.machine() not in _TABLES:
        raise OSError(f"the sandbox does not know processors of the kind {platform.machine()}")
    lines = _program(platform.machine())
    code = b"".join(struct.pack("<HBBI", *line) for line in lines)
    buffer = ctypes.create_string_buffer(code, len(code))
    pointer = struct.pack("<HxxxxxxQ", len(lines), ctypes.addressof(buffer))
    _filter = (buffer, ctypes.create_string_buffer(pointer, len(pointer)))


def restrict_system_calls() -> None:
    """From here on this process and its threads may only use the calls of the list."""
    _check(_libc.prctl(PR_SET_NO_NEW_PRIVS, 1, 0, 0, 0), "no_new_privs")
    _check(_libc.prctl(PR_SET_SECCOMP, 2, _filter[1], 0, 0), "seccomp")
