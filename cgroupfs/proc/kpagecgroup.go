package proc

// OpenKpagecgroup opens /proc/kpagecgroup. The entry of a page frame is the inode number of the cgroup that its page is charged to, on
// cgroup v1 that in the hierarchy of the memory controller, or 0 if the page is charged to none. A page of a cgroup that was removed
// belongs to the nearest one above that exists.
//
//	000000  0000000000000000 0000000000000b05 …
//
// Up to Linux 6.1 at least, only the first page of a compound page has an entry.
//
// Source: Documentation/admin-guide/mm/pagemap.rst; fs/proc/page.c. Since Linux 4.3, with CONFIG_PROC_PAGE_MONITOR and CONFIG_MEMCG. It
// takes CAP_SYS_ADMIN.
func OpenKpagecgroup() (*FrameFile, error) { return openFrameFile("/proc/kpagecgroup") }
