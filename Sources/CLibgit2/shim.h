#pragma once
#include <git2.h>
#include <git2/sys/alloc.h>
#include <git2/sys/repository.h>
#include <git2/sys/odb_backend.h>

// Swift cannot call variadic functions: one wrapper for each use of git_libgit2_opts.

static inline int kerb_git_opts_verify_hashes(int enabled) {
  return git_libgit2_opts(GIT_OPT_ENABLE_STRICT_HASH_VERIFICATION, enabled);
}

static inline int kerb_git_opts_search_path(int level, const char *path) {
  return git_libgit2_opts(GIT_OPT_SET_SEARCH_PATH, level, path);
}

static inline int kerb_git_opts_owner_validation(int enabled) {
  return git_libgit2_opts(GIT_OPT_SET_OWNER_VALIDATION, enabled);
}

static inline int kerb_git_opts_mwindow_size(size_t bytes) {
  return git_libgit2_opts(GIT_OPT_SET_MWINDOW_SIZE, bytes);
}

static inline int kerb_git_opts_mapped_limit(size_t bytes) {
  return git_libgit2_opts(GIT_OPT_SET_MWINDOW_MAPPED_LIMIT, bytes);
}

static inline int kerb_git_opts_fsync_gitdir(int enabled) {
  return git_libgit2_opts(GIT_OPT_ENABLE_FSYNC_GITDIR, enabled);
}

#if defined(__linux__)
#include <fcntl.h>
#include <linux/stat.h>
#include <sys/syscall.h>
#include <unistd.h>

// When a folder was made, in nanoseconds since 1970; 0 where the file system does not keep it.
// Swift's Glibc has no statx, and syscall is variadic.
static inline unsigned long long kerb_birth_time(int descriptor) {
  struct statx status;
  if (syscall(SYS_statx, descriptor, "", 0x1000 /* AT_EMPTY_PATH */, STATX_BTIME, &status) != 0) return 0;
  if (!(status.stx_mask & STATX_BTIME)) return 0;
  return (unsigned long long)status.stx_btime.tv_sec * 1000000000ull + status.stx_btime.tv_nsec;
}
#endif

#include <string.h>
#include <zlib.h>

// The first bytes of a zlib stream, at most `room` of them, and whether the stream ends there.
// libdeflate, which the rest is read with, gives all of a stream or nothing.
// Returns how many, or -1 where the stream is broken or needs more input for so many.
static inline long kerb_inflate_start(const unsigned char *bytes, size_t count,
                                      unsigned char *start, size_t room, int *ends) {
  z_stream stream;
  memset(&stream, 0, sizeof stream);
  if (inflateInit(&stream) != Z_OK) return -1;
  stream.next_in = (unsigned char *)bytes;
  stream.avail_in = (unsigned)count;
  stream.next_out = start;
  stream.avail_out = (unsigned)room;
  int result = inflate(&stream, Z_SYNC_FLUSH);
  long given = (long)(room - stream.avail_out);
  *ends = result == Z_STREAM_END;
  inflateEnd(&stream);
  if (result != Z_OK && result != Z_STREAM_END && result != Z_BUF_ERROR) return -1;
  return *ends || given == (long)room ? given : -1;
}
