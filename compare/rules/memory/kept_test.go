package memory

import (
	"reflect"
	"testing"

	"haltscope/compare/document"
	"haltscope/compare/value"
)

// TestStillKept checks that nothing counts as kept that the kernel has freed.
func TestStillKept(t *testing.T) {
	expected := []document.Kept{
		{Kind: "unevictable", Bytes: value.Known(int64(4))},
		{Kind: "anon", Bytes: value.Known(int64(100))},
		{Kind: "sock", Bytes: value.Known(int64(7))},
		{Kind: Kernel, Bytes: value.Known(int64(50))},
	}
	after := []Row{
		{Kind: "anon", Group: Anon, Bytes: value.Known(int64(90))},
		{Kind: "sock", Group: Sock, Bytes: value.Known(int64(0))},
		{Kind: "pagetables", Group: Kernel, Bytes: value.Known(int64(20))},
		{Kind: "slab_unreclaimable", Group: Kernel, Bytes: value.Known(int64(10))},
	}
	want := []document.Kept{
		{Kind: "unevictable", Bytes: value.Known(int64(4))},
		{Kind: "anon", Bytes: value.Known(int64(90))},
		{Kind: Kernel, Bytes: value.Known(int64(30))},
	}
	if got := StillKept(expected, after); !reflect.DeepEqual(got, want) {
		t.Errorf("%+v", got)
	}
	after[2].Bytes = value.Absent[int64](value.Failed, "memory.stat: input/output error")
	if got := StillKept(expected, after); len(got) != 3 || !reflect.DeepEqual(got[2], expected[3]) {
		t.Errorf("without a reading, it is what was expected: %+v", got)
	}
}
