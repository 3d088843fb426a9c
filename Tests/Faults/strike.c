// Breaks a process off, or lets a call fail, at the Nth of its calls that write.
//
// Loaded with LD_PRELOAD. STRIKE_PROGRAM is the name of the program that is meant; its children are left
// alone. STRIKE_LOG is a file that gets a line for each call. STRIKE_AT is N, counted over all threads
// from 1, and STRIKE_WITH the number of an error, or 0 for SIGKILL. What is written to a pipe, or to wake
// another thread, is not counted: it changes no file.

#define _GNU_SOURCE
#include <dlfcn.h>
#include <errno.h>
#include <fcntl.h>
#include <signal.h>
#include <stdarg.h>
#include <stdatomic.h>
#include <stdbool.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>
#include <sys/syscall.h>
#include <sys/types.h>
#include <sys/uio.h>
#include <unistd.h>

static atomic_long count;
static long at;
static int with, record = -1;
static bool active;

__attribute__((constructor)) static void begin(void) {
  const char *program = getenv("STRIKE_PROGRAM"), *path = getenv("STRIKE_LOG");
  if (!program || !path || strcmp(program, program_invocation_short_name) != 0) return;
  record = (int)syscall(SYS_openat, AT_FDCWD, path, O_WRONLY | O_APPEND | O_CREAT | O_CLOEXEC, 0600);
  at = getenv("STRIKE_AT") ? atol(getenv("STRIKE_AT")) : 0;
  with = getenv("STRIKE_WITH") ? atoi(getenv("STRIKE_WITH")) : 0;
  active = record >= 0;
}

// True where the call must fail, with errno set. Does not come back where the process is to be killed.
static bool struck(const char *call, const char *path, int file) {
  if (!active) return false;
  long number = atomic_fetch_add(&count, 1) + 1;
  char line[512];
  int length = snprintf(line, sizeof line, "%ld %s %.400s %d%s\n", number, call, path ? path : "", file,
                        number == at ? " struck" : "");
  syscall(SYS_write, record, line, (size_t)(length < (int)sizeof line ? length : (int)sizeof line));
  if (number != at) return false;
  if (with == 0) {
    syscall(SYS_kill, getpid(), SIGKILL);
    for (;;) pause();
  }
  errno = with;
  return true;
}

static bool is_file(int file) {
  struct stat status;
  int kept = errno;
  bool result = fstat(file, &status) == 0 && (S_ISREG(status.st_mode) || S_ISDIR(status.st_mode));
  errno = kept;
  return result;
}

#define NEXT(name) \
  static __typeof__(name) *next; \
  if (!next) next = (__typeof__(name) *)dlsym(RTLD_NEXT, #name)

#define WRITES(flags) ((flags) & (O_CREAT | O_WRONLY | O_RDWR | O_TRUNC))

#define MODE(flags, last) \
  mode_t mode = 0; \
  if ((flags) & (O_CREAT | __O_TMPFILE)) { \
    va_list list; \
    va_start(list, last); \
    mode = va_arg(list, mode_t); \
    va_end(list); \
  }

#define OPEN(name) \
  int name(const char *path, int flags, ...) { \
    NEXT(name); \
    MODE(flags, flags) \
    return WRITES(flags) && struck("open", path, AT_FDCWD) ? -1 : next(path, flags, mode); \
  }
OPEN(open)
OPEN(open64)

#define OPENAT(name) \
  int name(int folder, const char *path, int flags, ...) { \
    NEXT(name); \
    MODE(flags, flags) \
    return WRITES(flags) && struck("openat", path, folder) ? -1 : next(folder, path, flags, mode); \
  }
OPENAT(openat)
OPENAT(openat64)

int __open_2(const char *, int);
int __open64_2(const char *, int);
int __openat_2(int, const char *, int);
int __openat64_2(int, const char *, int);
#define OPEN2(name) \
  int name(const char *path, int flags) { \
    NEXT(name); \
    return WRITES(flags) && struck("open", path, AT_FDCWD) ? -1 : next(path, flags); \
  }
OPEN2(__open_2)
OPEN2(__open64_2)
#define OPENAT2(name) \
  int name(int folder, const char *path, int flags) { \
    NEXT(name); \
    return WRITES(flags) && struck("openat", path, folder) ? -1 : next(folder, path, flags); \
  }
OPENAT2(__openat_2)
OPENAT2(__openat64_2)

int creat(const char *path, mode_t mode) {
  NEXT(creat);
  return struck("creat", path, AT_FDCWD) ? -1 : next(path, mode);
}

#define CALL(result, name, parameters, arguments, path, file) \
  result name parameters { \
    NEXT(name); \
    return struck(#name, path, file) ? -1 : next arguments; \
  }
#define WRITE(name, parameters, arguments) \
  ssize_t name parameters { \
    NEXT(name); \
    return is_file(file) && struck(#name, NULL, file) ? -1 : next arguments; \
  }

WRITE(write, (int file, const void *bytes, size_t size), (file, bytes, size))
WRITE(pwrite, (int file, const void *bytes, size_t size, off_t place), (file, bytes, size, place))
WRITE(pwrite64, (int file, const void *bytes, size_t size, off64_t place), (file, bytes, size, place))
WRITE(writev, (int file, const struct iovec *parts, int number), (file, parts, number))
WRITE(pwritev, (int file, const struct iovec *parts, int number, off_t place), (file, parts, number, place))

CALL(int, rename, (const char *old, const char *new), (old, new), new, AT_FDCWD)
CALL(int, renameat, (int from, const char *old, int to, const char *new), (from, old, to, new), new, to)
CALL(int, renameat2, (int from, const char *old, int to, const char *new, unsigned flags),
     (from, old, to, new, flags), new, to)
CALL(int, link, (const char *old, const char *new), (old, new), new, AT_FDCWD)
CALL(int, linkat, (int from, const char *old, int to, const char *new, int flags),
     (from, old, to, new, flags), new, to)
CALL(int, symlink, (const char *target, const char *path), (target, path), path, AT_FDCWD)
CALL(int, symlinkat, (const char *target, int folder, const char *path), (target, folder, path), path, folder)
CALL(int, unlink, (const char *path), (path), path, AT_FDCWD)
CALL(int, unlinkat, (int folder, const char *path, int flags), (folder, path, flags), path, folder)
CALL(int, remove, (const char *path), (path), path, AT_FDCWD)
CALL(int, mkdir, (const char *path, mode_t mode), (path, mode), path, AT_FDCWD)
CALL(int, mkdirat, (int folder, const char *path, mode_t mode), (folder, path, mode), path, folder)
CALL(int, rmdir, (const char *path), (path), path, AT_FDCWD)
CALL(int, fsync, (int file), (file), NULL, file)
CALL(int, fdatasync, (int file), (file), NULL, file)
CALL(int, ftruncate, (int file, off_t size), (file, size), NULL, file)
CALL(int, ftruncate64, (int file, off64_t size), (file, size), NULL, file)
CALL(int, truncate, (const char *path, off_t size), (path, size), path, AT_FDCWD)
CALL(int, chmod, (const char *path, mode_t mode), (path, mode), path, AT_FDCWD)
CALL(int, fchmod, (int file, mode_t mode), (file, mode), NULL, file)
CALL(int, fchmodat, (int folder, const char *path, mode_t mode, int flags), (folder, path, mode, flags), path, folder)
CALL(int, flock, (int file, int operation), (file, operation), NULL, file)
int flock(int, int);
