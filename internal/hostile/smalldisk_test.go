package hostile_test

import (
	"os"
	"path/filepath"
	"syscall"
)

// smallDisk is a file system in memory with a file that fills it.
type smallDisk struct{ dir string }

func mountSmall(dir string) (smallDisk, error) {
	if err := os.Mkdir(dir, 0o700); err != nil {
		return smallDisk{}, err
	}
	return smallDisk{dir}, syscall.Mount("tmpfs", dir, "tmpfs", 0, "size=160m")
}

func (d smallDisk) filler() string { return filepath.Join(d.dir, "filler") }

// fill leaves a few pages.
func (d smallDisk) fill() error {
	var left syscall.Statfs_t
	if err := syscall.Statfs(d.dir, &left); err != nil {
		return err
	}
	f, err := os.Create(d.filler())
	if err != nil {
		return err
	}
	defer f.Close()
	block := make([]byte, left.Bsize)
	for range int(left.Bavail) - 24 {
		if _, err := f.Write(block); err != nil {
			return err
		}
	}
	return nil
}

func (d smallDisk) clear() error { return os.Remove(d.filler()) }
