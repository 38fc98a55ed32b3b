package bridge

import (
	"context"
	"time"
)

// PrintReader reads folders of notices (printfolder.go).
type PrintReader interface {
	// PrintFolder and PrintFolderNamed give a folder with its list, or ErrNotFound.
	PrintFolder(ctx context.Context, id string) (PrintFolder, error)
	PrintFolderNamed(ctx context.Context, keyID, name string) (PrintFolder, error)
	// PrintItems gives at most limit printed notices after a row, whole; with a file only
	// the one of that name.
	PrintItems(ctx context.Context, folder, file string, after int64, limit int) ([]PrintItem, error)
	// PrintedOf gives a debtor's notices in all folders, of one EC or of all ("").
	PrintedOf(ctx context.Context, ec ECCode, debtor string) ([]PrintItem, error)
	// WaitingPrints gives at most limit notices that wait, the oldest first.
	WaitingPrints(ctx context.Context, limit int) ([]PrintWork, error)
}

// PrintWriter changes them.
type PrintWriter interface {
	InsertPrintFolder(ctx context.Context, f *PrintFolder) error
	// PutPrintItem puts a notice in the place of the one of its file, or after the last.
	PutPrintItem(ctx context.Context, folder string, i PrintItem, scopes []PrintScope) error
	// FinishPrint notes what became of a notice that waits; false when it does not.
	FinishPrint(ctx context.Context, i *PrintItem) (bool, error)
	// DeletePrintFolder is ErrNotFound when there is none.
	DeletePrintFolder(ctx context.Context, id string) error
	// ForgetPrintFolders removes those from before and says how many.
	ForgetPrintFolders(ctx context.Context, before time.Time) (int, error)
	// ForgetPrinted removes a debtor's notices from all folders, of one EC or of all ("").
	ForgetPrinted(ctx context.Context, ec ECCode, debtor string) (int, error)
}
