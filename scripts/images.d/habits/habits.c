// What programs do with the signal that docker stop sends, one habit each: habits NAME. It is linked statically, for images
// without libraries. Each habit prints "ready" when its signal handling is set up.
#include <errno.h>
#include <pthread.h>
#include <signal.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/epoll.h>
#include <sys/mman.h>
#include <sys/signalfd.h>
#include <sys/syscall.h>
#include <sys/wait.h>
#include <time.h>
#include <unistd.h>

static sigset_t term;

static void ready(void) {
	puts("ready");
	fflush(stdout);
}

static void forever(void) {
	for (;;)
		pause();
}

static void leave(int signal) {
	(void)signal;
	_exit(0);
}

static void fail(int signal) {
	(void)signal;
	_exit(1);
}

static void pass(int signal) { (void)signal; }

static void block(void) { pthread_sigmask(SIG_BLOCK, &term, NULL); }

// waits takes the signal by sigwait.
static void waits(void) {
	int signal;
	ready();
	sigwait(&term, &signal);
	exit(0);
}

static void *waiter(void *unused) {
	(void)unused;
	waits();
	return NULL;
}

static int descriptor(void) { return signalfd(-1, &term, SFD_CLOEXEC); }

static void takes(int fd) {
	struct signalfd_siginfo info;
	if (read(fd, &info, sizeof info) == sizeof info)
		exit(0);
	exit(1);
}

static void polls(int fd) {
	struct epoll_event event = {.events = EPOLLIN};
	int set = epoll_create1(EPOLL_CLOEXEC);
	epoll_ctl(set, EPOLL_CTL_ADD, fd, &event);
	ready();
	while (epoll_wait(set, &event, 1, -1) < 1)
		;
	takes(fd);
}

// hold allocates 32 MiB of anonymous memory, and lives on when the first thread has ended.
static void *hold(void *unused) {
	volatile char *memory = malloc(32 << 20); // volatile: nothing reads it, so the compiler would drop it
	for (long i = 0; i < 32 << 20; i += 4096)
		memory[i] = 1;
	ready();
	forever();
	return unused;
}

// work_ms is the CPU time that work needs, in milliseconds.
static long work_ms = 500;

// work ends the process after it has used work_ms of CPU time.
static void work(int signal) {
	struct timespec used;
	(void)signal;
	do
		clock_gettime(CLOCK_PROCESS_CPUTIME_ID, &used);
	while (used.tv_sec * 1000 + used.tv_nsec / 1000000 < work_ms);
	_exit(0);
}

// fork_first ends the process if it can fork.
static void fork_first(int signal) {
	pid_t child = fork();
	(void)signal;
	if (child == 0 || child > 0)
		_exit(0);
}

int main(int argc, char **argv) {
	const char *habit = argc > 1 ? argv[1] : "";
	pthread_t thread;
	int fd;
	sigemptyset(&term);
	sigaddset(&term, SIGTERM);
#define IS(name) (strcmp(habit, name) == 0)
	if (IS("default")) {
		ready();
		forever();
	} else if (IS("handles")) { // and ends
		signal(SIGTERM, leave);
		ready();
		forever();
	} else if (IS("outlives")) { // handles it, and goes on
		signal(SIGTERM, pass);
		ready();
		forever();
	} else if (IS("ignores")) {
		signal(SIGTERM, SIG_IGN);
		ready();
		forever();
	} else if (IS("blocks")) { // and nobody takes it
		block();
		ready();
		forever();
	} else if (IS("looks")) { // blocks it, and looks once a second
		struct timespec none = {0, 0};
		block();
		ready();
		for (;;) {
			sleep(1);
			if (sigtimedwait(&term, NULL, &none) == SIGTERM)
				exit(0);
		}
	} else if (IS("sigwait")) {
		block();
		waits();
	} else if (IS("sigwait-thread")) { // all threads block it, one waits for it
		block();
		pthread_create(&thread, NULL, waiter, NULL);
		forever();
	} else if (IS("sigwait-open")) { // a thread waits for it, and the first does not block it: its default action comes first
		pthread_create(&thread, NULL, waiter, NULL);
		forever();
	} else if (IS("sigwait-other")) { // waits for another one
		block();
		sigemptyset(&term);
		sigaddset(&term, SIGUSR1);
		block();
		waits();
	} else if (IS("signalfd")) {
		block();
		fd = descriptor();
		ready();
		takes(fd);
	} else if (IS("signalfd-epoll")) {
		block();
		polls(descriptor());
	} else if (IS("signalfd-open")) { // has one, but does not block the signal: its default action comes first
		fd = descriptor();
		ready();
		takes(fd);
	} else if (IS("thread-handles")) { // the first thread blocks it, another runs the handler
		signal(SIGTERM, leave);
		pthread_create(&thread, NULL, (void *(*)(void *))forever, NULL);
		block();
		ready();
		forever();
	} else if (IS("stopped")) { // handles it, but does not run
		signal(SIGTERM, leave);
		pid_t child = fork();
		if (child == 0) {
			sleep(1);
			kill(getppid(), SIGSTOP);
			forever();
		}
		ready();
		forever();
	} else if (IS("family")) { // ends, and leaves its children to the kernel
		for (int i = 0; i < 2; i++)
			if (fork() == 0)
				forever();
		signal(SIGTERM, leave);
		ready();
		forever();
	} else if (IS("tells")) { // tells its children to end, and waits for them
		pid_t child = fork();
		int signal;
		if (child == 0)
			forever();
		block();
		ready();
		sigwait(&term, &signal);
		kill(child, SIGTERM);
		waitpid(child, NULL, 0);
		exit(0);
	} else if (IS("gives-up")) { // memory, by MADV_FREE: the kernel may take it at any time
		size_t size = 32 << 20;
		char *memory = mmap(NULL, size, PROT_READ | PROT_WRITE, MAP_PRIVATE | MAP_ANONYMOUS, -1, 0);
		signal(SIGTERM, leave);
		memset(memory, 1, size);
		madvise(memory, size, MADV_FREE);
		ready();
		forever();
	} else if (IS("leader")) { // handles it, but its first thread has ended
		signal(SIGTERM, leave);
		pthread_create(&thread, NULL, hold, NULL);
		sleep(1);
		syscall(SYS_exit, 0); // the thread alone; exit would end the process
	} else if (IS("burn")) { // burn MS: handles it, and its handler needs MS of CPU time
		if (argc > 2)
			work_ms = atol(argv[2]);
		signal(SIGTERM, work);
		ready();
		forever();
	} else if (IS("noreap")) { // fills its pids limit, up to 1000, with children that it does not wait for; its handler must fork
		signal(SIGTERM, fork_first);
		for (int i = 0; i < 1000; i++) {
			pid_t child = fork();
			if (child == 0)
				_exit(0);
			if (child < 0)
				break;
		}
		ready();
		forever();
	} else if (IS("fails")) { // handles it, and ends with 1
		signal(SIGTERM, fail);
		ready();
		forever();
	} else if (IS("slow")) { // slow [SECONDS]: handles it, and needs 3 s to end, or so many
		int signal;
		block();
		ready();
		sigwait(&term, &signal);
		sleep(argc > 2 ? atoi(argv[2]) : 3);
		exit(0);
	} else {
		fprintf(stderr, "no such habit: %s\n", habit);
		return 2;
	}
}
