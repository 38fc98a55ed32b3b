package bridge

import (
	"context"
	"crypto/rand"
	"crypto/sha256"
	"encoding/hex"
	"errors"
	"fmt"
	"slices"
	"time"
)

// A folder is many notices that an application has described and wants printed
// (notices.md §6). What is kept is what they say: the same content gives the same file,
// so each is drawn anew when it is fetched. One worker tries every notice once, some at a
// time, and notes which cannot be printed and why.

// MaxFolder is how many notices a folder has at most.
const MaxFolder = 1000

// PrintState is how far one notice of a folder is.
type PrintState string

// The states of a notice.
const (
	PrintWaiting PrintState = "WAITING"
	PrintDone    PrintState = "PRINTED"
	PrintFailed  PrintState = "FAILED"
)

// PrintItem is a notice of a folder.
type PrintItem struct {
	Row     int64  // in the store
	File    string // PrintRequest.File
	State   PrintState
	Reason  string        // of a failure; names nobody
	DoneAt  time.Time     // zero while it waits
	Request *PrintRequest // nil in a folder's list
}

// PrintScope is an EC whose notices a folder has, with one of their segregation codes.
type PrintScope struct {
	EC          ECCode
	Segregation string // the first two digits of the IUV
}

// PrintFolder is a folder and its notices, in the order of the request.
type PrintFolder struct {
	ID        string // 32 hex digits
	KeyID     string // of who asked
	Name      string // what that key calls the request (Idempotency-Key)
	Hash      [sha256.Size]byte
	CreatedAt time.Time
	Scopes    []PrintScope
	Items     []PrintItem
}

// PrintWork is a notice to try, and for whom.
type PrintWork struct {
	PrintItem
	KeyID string
}

// count says how many notices are in a state.
func (f *PrintFolder) count(state PrintState) int {
	n := 0
	for i := range f.Items {
		if f.Items[i].State == state {
			n++
		}
	}
	return n
}

// Status is that of print-payment-notice-service.
func (f *PrintFolder) Status() string {
	waiting, failed := f.count(PrintWaiting), f.count(PrintFailed)
	switch {
	case waiting > 0 && waiting == len(f.Items):
		return "INSERTED"
	case waiting > 0:
		return "PROCESSING"
	case failed > 0 && failed == len(f.Items):
		return "FAILED"
	case failed > 0:
		return "PROCESSED_WITH_FAILURES"
	}
	return "PROCESSED"
}

// scopes are those of the requests, each once.
func scopesOf(requests []*PrintRequest) []PrintScope {
	seen := map[PrintScope]bool{}
	var list []PrintScope
	for _, r := range requests {
		for _, nav := range r.numbers() {
			scope := PrintScope{EC: r.EC}
			if codes := segregationOf(nav.IUV()); len(codes) > 0 {
				scope.Segregation = codes[0]
			}
			if !seen[scope] {
				seen[scope] = true
				list = append(list, scope)
			}
		}
	}
	return list
}

// AcceptFolder keeps the notices and gives the folder's id. The same key asking under the
// same name gets the folder that it has; CodeFolderOther when it asks for others by it.
func (s *Service) AcceptFolder(ctx context.Context, by Principal, name string, hash [sha256.Size]byte, requests []*PrintRequest) (string, error) {
	if len(requests) == 0 || len(requests) > MaxFolder {
		return "", refuse(CodeInvalid, "notices: size must be between 1 and %d", MaxFolder)
	}
	var id [16]byte
	rand.Read(id[:]) // never fails: crypto/rand aborts the process instead
	f := PrintFolder{ID: hex.EncodeToString(id[:]), KeyID: by.KeyID, Name: name, Hash: hash, CreatedAt: s.now(), Scopes: scopesOf(requests)}
	seen := map[string]int{}
	for i, r := range requests {
		if err := s.MayPrint(by, r); err != nil {
			return "", err
		}
		first, twice := seen[r.File()]
		if twice {
			return "", refuse(CodeInvalid, "notices[%d]: is the same notice in the same template as notices[%d]", i, first)
		}
		seen[r.File()] = i
		f.Items = append(f.Items, PrintItem{File: r.File(), State: PrintWaiting, Request: r})
	}
	err := s.store.Update(ctx, func(tx Tx) error {
		old, err := tx.PrintFolderNamed(ctx, by.KeyID, name)
		switch {
		case err == nil && old.Hash != hash:
			return refuse(CodeFolderOther, "folder %s was made by this Idempotency-Key for other notices", old.ID)
		case err == nil:
			f.ID = old.ID
			return nil
		case !errors.Is(err, ErrNotFound):
			return err
		}
		if err := tx.InsertPrintFolder(ctx, &f); err != nil {
			return err
		}
		return tx.Journal(ctx, JournalEntry{At: f.CreatedAt, Actor: by.actor(), Action: "folder.accept", Object: f.ID, Detail: fmt.Sprintf("%d notices", len(f.Items))})
	})
	return f.ID, unavailable("keep the folder", err)
}

// mayOpen says whether the principal could have asked for every notice of the folder:
// keys change, and who prints need not be who fetches.
func (p Principal) mayOpen(f *PrintFolder) bool {
	return !slices.ContainsFunc(f.Scopes, func(scope PrintScope) bool {
		return !p.MayActFor(scope.EC) || !p.At(scope.EC).mayUseIUV(IUV(scope.Segregation))
	})
}

// folder finds one. To who may not open it it is as if it were not there.
func folder(ctx context.Context, tx ReadTx, by Principal, id string) (*PrintFolder, error) {
	f, err := tx.PrintFolder(ctx, id)
	if err != nil && !errors.Is(err, ErrNotFound) {
		return nil, err
	}
	if err != nil || !by.mayOpen(&f) {
		return nil, refuse(CodeFolderUnknown, "there is no folder of this id, or it is not for this key")
	}
	return &f, nil
}

// Folder reads a folder with the list of its notices.
func (s *Service) Folder(ctx context.Context, by Principal, id string) (*PrintFolder, error) {
	var f *PrintFolder
	err := s.store.View(ctx, func(tx ReadTx) (err error) {
		f, err = folder(ctx, tx, by, id)
		return err
	})
	return f, unavailable("read the folder", err)
}

// Item finds a notice of the folder by its file.
func (f *PrintFolder) Item(file string) (*PrintItem, error) {
	at := slices.IndexFunc(f.Items, func(i PrintItem) bool { return i.File == file })
	if at < 0 {
		return nil, refuse(CodePrintUnknown, "the folder has no notice of this id")
	}
	return &f.Items[at], nil
}

// Fetchable says whether the notice, or with "" the whole folder, may be fetched: it must
// have been printed, the folder to its end.
func (f *PrintFolder) Fetchable(file string) error {
	if file != "" {
		item, err := f.Item(file)
		if err == nil && item.State != PrintDone {
			err = refuse(CodePrintUnknown, "the notice is not printed: it waits, or could not be")
		}
		return err
	}
	switch f.Status() {
	case "PROCESSED", "PROCESSED_WITH_FAILURES":
		return nil
	case "FAILED":
		return refuse(CodePrintUnknown, "nothing of the folder could be printed")
	}
	return refuse(CodeFolderWaiting, "%d of %d notices are not worked off", f.count(PrintWaiting), len(f.Items))
}

// NoteFetch writes down who was given the address of a folder, or of one notice of it.
func (s *Service) NoteFetch(ctx context.Context, by Principal, f *PrintFolder, file string) error {
	return s.notePerson(ctx, JournalEntry{Actor: by.actor(), Action: "folder.fetch", Object: f.ID, Detail: file}, "")
}

// Printed gives the folder's printed notices from the one after a row on, at most limit;
// with a file only that one. It asks for no key: the address that was given is the proof.
func (s *Service) Printed(ctx context.Context, id, file string, after int64, limit int) ([]PrintItem, error) {
	var items []PrintItem
	err := s.store.View(ctx, func(tx ReadTx) error {
		if _, err := tx.PrintFolder(ctx, id); err != nil {
			return err
		}
		var err error
		items, err = tx.PrintItems(ctx, id, file, after, limit)
		return err
	})
	if errors.Is(err, ErrNotFound) || err == nil && file != "" && len(items) == 0 {
		return nil, refuse(CodeFolderUnknown, "the folder, or the notice in it, is not there any more")
	}
	return items, unavailable("read the folder's notices", err)
}

// Draw completes a kept notice for the printer, as the configuration is now. Who may
// have it has been settled.
func (s *Service) Draw(ctx context.Context, r *PrintRequest) (*PaymentNotice, error) {
	var n *PaymentNotice
	err := s.store.View(ctx, func(tx ReadTx) (err error) {
		n, err = s.requested(ctx, tx, r)
		return err
	})
	return n, unavailable("prepare the notice", err)
}

// PutPrinted adds a notice that has just been printed to a folder, in the place of the
// one of the same file if there is one.
func (s *Service) PutPrinted(ctx context.Context, by Principal, id string, r *PrintRequest) error {
	now := s.now()
	err := s.store.Update(ctx, func(tx Tx) error {
		f, err := folder(ctx, tx, by, id)
		if err != nil {
			return err
		}
		item := PrintItem{File: r.File(), State: PrintDone, DoneAt: now, Request: r}
		if _, err := f.Item(item.File); err != nil && len(f.Items) >= MaxFolder {
			return refuse(CodeInvalid, "folderId: the folder has %d notices, it can have no more", MaxFolder)
		}
		return tx.PutPrintItem(ctx, id, item, scopesOf([]*PrintRequest{r}))
	})
	return unavailable("keep the notice", err)
}

// NextPrints gives notices that wait, the oldest first.
func (s *Service) NextPrints(ctx context.Context, limit int) ([]PrintWork, error) {
	var work []PrintWork
	err := s.store.View(ctx, func(tx ReadTx) (err error) {
		work, err = tx.WaitingPrints(ctx, limit)
		return err
	})
	return work, unavailable("read what is to be printed", err)
}

// FinishPrints notes what became of them. One that was replaced meanwhile, or whose folder
// is gone, is left alone.
func (s *Service) FinishPrints(ctx context.Context, work []PrintWork) error {
	now := s.now()
	err := s.store.Update(ctx, func(tx Tx) error {
		for i := range work {
			w := &work[i]
			w.DoneAt = now
			done, err := tx.FinishPrint(ctx, &w.PrintItem)
			if err != nil {
				return err
			}
			if !done || w.State != PrintDone {
				continue
			}
			t, err := PrintTemplateOf(w.Request.Template)
			if err != nil {
				return err
			}
			e := w.Request.printed(Principal{KeyID: w.KeyID}.actor(), w.Request.notice(t))
			e.At = now
			if err := tx.Journal(ctx, e); err != nil {
				return err
			}
		}
		return nil
	})
	return unavailable("note what was printed", err)
}

// DeleteFolder removes a folder and all that its notices say.
func (s *Service) DeleteFolder(ctx context.Context, by Principal, id string) error {
	now := s.now()
	err := s.store.Update(ctx, func(tx Tx) error {
		if _, err := folder(ctx, tx, by, id); err != nil {
			return err
		}
		if err := tx.DeletePrintFolder(ctx, id); err != nil {
			return err
		}
		return tx.Journal(ctx, JournalEntry{At: now, Actor: by.actor(), Action: "folder.delete", Object: id})
	})
	return unavailable("delete the folder", err)
}

// ForgetFolders removes folders that are older than they are kept.
func (s *Service) ForgetFolders(ctx context.Context, kept time.Duration) (int, error) {
	now, removed := s.now(), 0
	err := s.store.Update(ctx, func(tx Tx) (err error) {
		removed, err = tx.ForgetPrintFolders(ctx, now.Add(-kept))
		return err
	})
	return removed, unavailable("forget old folders", err)
}
