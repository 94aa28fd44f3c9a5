package proc

// OpenKpageflags opens /proc/kpageflags. The entry of a page frame has the flags of its page, see [PageFlags].
//
//	000000  0000000000000400 0000000000000868 …
//
// Source: Documentation/admin-guide/mm/pagemap.rst; include/uapi/linux/kernel-page-flags.h; fs/proc/page.c. Since Linux 2.6.25, with
// CONFIG_PROC_PAGE_MONITOR. It takes CAP_SYS_ADMIN.
func OpenKpageflags() (*FrameFile, error) { return openFrameFile("/proc/kpageflags") }

// PageFlags are the flags of a page in /proc/kpageflags.
type PageFlags uint64

// The flags that haltscope uses. Those of a compound page may be set on its first page alone.
const (
	PageDirty        PageFlags = 1 << 4
	PageWriteback    PageFlags = 1 << 8
	PageAnon         PageFlags = 1 << 12 // it belongs to no file
	PageSwapBacked   PageFlags = 1 << 14 // shared memory or tmpfs, if it belongs to a file
	PageCompoundTail PageFlags = 1 << 16 // not the first page of a compound page
)

// Has reports whether one of some flags is set.
func (f PageFlags) Has(flags PageFlags) bool { return f&flags != 0 }
