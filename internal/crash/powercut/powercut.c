/*
 * powercut.c: a disk that loses power, for LD_PRELOAD (reliability-security.md §10).
 *
 * Files under $POWERCUT_DIR are the machine's memory: every write lands there, as the
 * kernel's cache takes it. $POWERCUT_PLATTER is the disk: a file's changes reach it at
 * fsync only. Whoever kills the process and goes on with the platter has cut the power.
 *
 * A real disk also writes early, in any order and by sectors: one write in
 * $POWERCUT_EARLY (0: none) reaches the platter at once, in part.
 *
 * $POWERCUT_FAIL is "fsync N", "write N": the N-th call fails with EIO. A failed fsync
 * has lost its changes and the next one says OK, as Linux does. "@" and a file's name's
 * end may follow: only calls on such files are counted.
 *
 * An unlink is durable at once: SQLite may rest on a file being gone. The log's index
 * (-shm) is memory by nature and never mirrored.
 */
#define _GNU_SOURCE
#include <dlfcn.h>
#include <errno.h>
#include <fcntl.h>
#include <limits.h>
#include <pthread.h>
#include <stdarg.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>
#include <sys/types.h>
#include <unistd.h>

#define MAXFD 4096
#define MAXFILES 64
#define SECTOR 512

struct range { off_t from, to; };

/* One file, however many descriptors it has. */
struct file {
	char *name; /* below the watched directory */
	struct range *dirty;
	size_t count, room;
};

static pthread_mutex_t lock = PTHREAD_MUTEX_INITIALIZER;
static struct file files[MAXFILES];
static struct file *of_fd[MAXFD];
static const char *dir, *platter;
static size_t dir_length;
static unsigned early;
static unsigned long long dice = 88172645463325252ULL;
static int fail_fsync;
static long fail_at, seen;
static char fail_suffix[64];

static int (*real_open)(const char *, int, ...);
static int (*real_open64)(const char *, int, ...);
static int (*real_close)(int);
static int (*real_fsync)(int);
static int (*real_fdatasync)(int);
static int (*real_ftruncate)(int, off_t);
static int (*real_ftruncate64)(int, off_t);
static int (*real_unlink)(const char *);
static ssize_t (*real_write)(int, const void *, size_t);
static ssize_t (*real_pwrite)(int, const void *, size_t, off_t);
static ssize_t (*real_pwrite64)(int, const void *, size_t, off_t);

static void die(const char *what)
{
	dprintf(2, "powercut: %s: %s\n", what, strerror(errno));
	abort();
}

__attribute__((constructor)) static void begin(void)
{
	const char *text;
	char kind[16];
	real_open = dlsym(RTLD_NEXT, "open");
	real_open64 = dlsym(RTLD_NEXT, "open64");
	real_close = dlsym(RTLD_NEXT, "close");
	real_fsync = dlsym(RTLD_NEXT, "fsync");
	real_fdatasync = dlsym(RTLD_NEXT, "fdatasync");
	real_ftruncate = dlsym(RTLD_NEXT, "ftruncate");
	real_ftruncate64 = dlsym(RTLD_NEXT, "ftruncate64");
	real_unlink = dlsym(RTLD_NEXT, "unlink");
	real_write = dlsym(RTLD_NEXT, "write");
	real_pwrite = dlsym(RTLD_NEXT, "pwrite");
	real_pwrite64 = dlsym(RTLD_NEXT, "pwrite64");
	platter = getenv("POWERCUT_PLATTER");
	dir = platter ? getenv("POWERCUT_DIR") : NULL;
	if (!dir)
		return;
	dir_length = strlen(dir);
	if ((text = getenv("POWERCUT_EARLY")))
		early = (unsigned)atoi(text);
	if ((text = getenv("POWERCUT_SEED")))
		dice ^= strtoull(text, NULL, 10) * 0x9E3779B97F4A7C15ULL;
	if ((text = getenv("POWERCUT_FAIL")) && *text) {
		if (sscanf(text, "%15s %ld @%63s", kind, &fail_at, fail_suffix) < 2)
			die("POWERCUT_FAIL cannot be read");
		fail_fsync = !strcmp(kind, "fsync");
	}
}

static unsigned long long throw_dice(void)
{
	dice ^= dice << 13;
	dice ^= dice >> 7;
	dice ^= dice << 17;
	return dice;
}

static int ends(const char *name, const char *with)
{
	size_t n = strlen(name), w = strlen(with);
	return n >= w && !strcmp(name + n - w, with);
}

/* The name below the watched directory, or NULL. */
static const char *watched(const char *path)
{
	if (!dir || strncmp(path, dir, dir_length) || path[dir_length] != '/')
		return NULL;
	path += dir_length + 1;
	if (strchr(path, '/') || ends(path, "-shm") || ends(path, ".lock"))
		return NULL;
	return path;
}

static int open_on_platter(const char *name, int flags)
{
	char path[PATH_MAX];
	snprintf(path, sizeof path, "%s/%s", platter, name);
	return real_open(path, flags, 0600);
}

static void take(int fd, const char *path)
{
	const char *name = watched(path);
	int i;
	if (!name || fd < 0)
		return;
	if (fd >= MAXFD)
		die("too many descriptors");
	pthread_mutex_lock(&lock);
	for (i = 0; i < MAXFILES && files[i].name; i++)
		if (!strcmp(files[i].name, name))
			break;
	if (i == MAXFILES)
		die("too many files");
	if (!files[i].name && !(files[i].name = strdup(name)))
		die("memory");
	of_fd[fd] = &files[i];
	pthread_mutex_unlock(&lock);
}

static void soil(struct file *f, off_t from, off_t to)
{
	if (f->count && f->dirty[f->count - 1].to == from) {
		f->dirty[f->count - 1].to = to;
		return;
	}
	if (f->count == f->room) {
		f->room = f->room ? 2 * f->room : 64;
		f->dirty = realloc(f->dirty, f->room * sizeof *f->dirty);
		if (!f->dirty)
			die("memory");
	}
	f->dirty[f->count++] = (struct range){from, to};
}

/* Whether this call is the one that fails. */
static int fails(struct file *f, int is_fsync)
{
	if (!fail_at || is_fsync != fail_fsync || !ends(f->name, fail_suffix))
		return 0;
	return ++seen == fail_at;
}

/* What the disk writes before it is asked: some sectors of it. */
static void write_early(struct file *f, const char *data, size_t size, off_t at)
{
	int out;
	size_t from, to;
	if (!early || throw_dice() % early)
		return;
	if ((out = open_on_platter(f->name, O_WRONLY)) < 0)
		return; /* it has never been synced: its name is not on the disk */
	for (from = 0; from < size; from = to) {
		to = from + SECTOR - (size_t)(at + (off_t)from) % SECTOR;
		if (to > size)
			to = size;
		if (throw_dice() % 4 && real_pwrite(out, data + from, to - from, at + (off_t)from) < 0)
			die("platter");
	}
	real_close(out);
}

/* The file's changes reach the platter; the caller holds the lock. */
static void settle(struct file *f, int fd)
{
	static char block[1 << 16];
	char self[64];
	struct stat st;
	size_t i;
	int in, out = open_on_platter(f->name, O_WRONLY | O_CREAT);
	snprintf(self, sizeof self, "/proc/self/fd/%d", fd);
	in = real_open(self, O_RDONLY); /* fd itself may be write-only */
	if (out < 0 || in < 0 || fstat(fd, &st))
		die("platter");
	for (i = 0; i < f->count; i++) {
		off_t at = f->dirty[i].from, end = f->dirty[i].to;
		while (at < end) {
			size_t want = end - at > (off_t)sizeof block ? sizeof block : (size_t)(end - at);
			ssize_t got = pread(in, block, want, at);
			if (got < 0)
				die("read back");
			if (got == 0)
				break; /* cut off since */
			if (real_pwrite(out, block, (size_t)got, at) != got)
				die("platter");
			at += got;
		}
	}
	if (real_ftruncate(out, st.st_size))
		die("platter");
	real_close(in);
	real_close(out);
	f->count = 0;
}

/* open and open64 differ in nothing here. */
#define OPEN(name)                                                                  \
	int name(const char *path, int flags, ...)                                  \
	{                                                                           \
		va_list list;                                                       \
		mode_t mode;                                                        \
		int fd;                                                             \
		va_start(list, flags);                                              \
		mode = flags & (O_CREAT | O_TMPFILE) ? va_arg(list, mode_t) : 0;    \
		va_end(list);                                                       \
		fd = real_##name(path, flags, mode);                                \
		take(fd, path);                                                     \
		return fd;                                                          \
	}

OPEN(open)
OPEN(open64)

static struct file *file_of(int fd) { return fd >= 0 && fd < MAXFD ? of_fd[fd] : NULL; }

int close(int fd)
{
	if (file_of(fd)) {
		pthread_mutex_lock(&lock);
		of_fd[fd] = NULL;
		pthread_mutex_unlock(&lock);
	}
	return real_close(fd);
}

static ssize_t written(int fd, const void *data, size_t size, off_t at, ssize_t (*call)(int, const void *, size_t, off_t))
{
	struct file *f = file_of(fd);
	ssize_t n;
	if (!f)
		return call(fd, data, size, at);
	pthread_mutex_lock(&lock);
	if (fails(f, 0)) {
		pthread_mutex_unlock(&lock);
		errno = EIO;
		return -1;
	}
	n = call(fd, data, size, at);
	if (n > 0) {
		soil(f, at, at + n);
		write_early(f, data, (size_t)n, at);
	}
	pthread_mutex_unlock(&lock);
	return n;
}

ssize_t pwrite(int fd, const void *data, size_t size, off_t at) { return written(fd, data, size, at, real_pwrite); }
ssize_t pwrite64(int fd, const void *data, size_t size, off_t at) { return written(fd, data, size, at, real_pwrite64); }

static ssize_t write_here(int fd, const void *data, size_t size, off_t at)
{
	(void)at;
	return real_write(fd, data, size);
}

ssize_t write(int fd, const void *data, size_t size)
{
	off_t at = file_of(fd) ? lseek(fd, 0, SEEK_CUR) : 0;
	return written(fd, data, size, at, write_here);
}

/* A new size is a change of the inode: it reaches the platter at the next fsync, which
 * takes the size from the file. */
int ftruncate(int fd, off_t size) { return real_ftruncate(fd, size); }
int ftruncate64(int fd, off_t size) { return real_ftruncate64(fd, size); }

static int synced(int fd, int (*call)(int))
{
	struct file *f = file_of(fd);
	int result;
	if (!f)
		return call(fd);
	pthread_mutex_lock(&lock);
	if (fails(f, 1)) {
		f->count = 0;
		pthread_mutex_unlock(&lock);
		errno = EIO;
		return -1;
	}
	result = 0; /* the platter is the disk here: the real one need not be asked */
	settle(f, fd);
	pthread_mutex_unlock(&lock);
	return result;
}

int fsync(int fd) { return synced(fd, real_fsync); }
int fdatasync(int fd) { return synced(fd, real_fdatasync); }

int unlink(const char *path)
{
	const char *name = watched(path);
	char there[PATH_MAX];
	int result = real_unlink(path);
	if (name && !result) {
		snprintf(there, sizeof there, "%s/%s", platter, name);
		real_unlink(there);
	}
	return result;
}
