package backup

import (
	"bufio"
	"bytes"
	"compress/gzip"
	"context"
	"crypto/sha256"
	"encoding/hex"
	"errors"
	"fmt"
	"io"
	"os"
	"path/filepath"
	"strings"

	"filippo.io/age"
)

// magic begins every age file of version 1.
const magic = "age-encryption.org/v1\n"

// partial ends the name of a file that is not a backup yet.
const partial = ".part"

// ErrDamaged says that a file is not what was written, or is no backup.
var ErrDamaged = errors.New("the backup is damaged")

// ErrLocked says that none of the identities opens a backup.
var ErrLocked = errors.New("the backup is encrypted, and not for this identity")

// ParseRecipients reads public keys as age writes them (age1…).
func ParseRecipients(keys []string) ([]age.Recipient, error) {
	if len(keys) == 0 {
		return nil, nil
	}
	list, err := age.ParseRecipients(strings.NewReader(strings.Join(keys, "\n")))
	if err != nil {
		return nil, fmt.Errorf("cannot read the public keys of backups: %w", err)
	}
	return list, nil
}

// ReadIdentities reads a file of secret keys (AGE-SECRET-KEY-…).
func ReadIdentities(name string) ([]age.Identity, error) {
	f, err := os.Open(name)
	if err != nil {
		return nil, err
	}
	defer f.Close()
	list, err := age.ParseIdentities(f)
	if err != nil {
		return nil, fmt.Errorf("cannot read the secret keys in %s: %w", name, err)
	}
	return list, nil
}

// NewKey makes a key pair: what goes into the file of secret keys, and the public key.
func NewKey() (identity, recipient string, err error) {
	key, err := age.GenerateX25519Identity()
	if err != nil {
		return "", "", fmt.Errorf("cannot make a key: %w", err)
	}
	return fmt.Sprintf("# public key: %s\n%s\n", key.Recipient(), key), key.Recipient().String(), nil
}

// Sums tell a backup apart: SHA-256 in hexadecimal.
type Sums struct {
	Content string // of the store's file
	File    string // of the backup
	Size    int64  // of the backup
}

// Write makes a backup of a file; without recipients it is not encrypted. Before it gets
// its name it is on the disk, was read from there, opened with a key of this one call,
// and found to hold the file's content.
func Write(ctx context.Context, from, to string, recipients []age.Recipient) (sums Sums, err error) {
	part := to + partial
	defer func() {
		if err != nil {
			err = fmt.Errorf("cannot write the backup: %w", err)
			_ = os.Remove(part) // it may not be there
		}
	}()
	var own age.Identity
	if len(recipients) > 0 {
		var key age.Recipient
		if own, key, err = keyOfOneCall(recipients); err != nil {
			return sums, err
		}
		recipients = append([]age.Recipient{key}, recipients...)
	}
	if sums.Content, err = write(ctx, from, part, recipients); err != nil {
		return sums, err
	}
	back := sha256.New()
	sums.File, sums.Size, err = read(ctx, part, back, own)
	if err != nil {
		return sums, err
	}
	if hex.EncodeToString(back.Sum(nil)) != sums.Content {
		return sums, ErrDamaged
	}
	if err := os.Rename(part, to); err != nil {
		return sums, err
	}
	return sums, syncDir(filepath.Dir(to))
}

// keyOfOneCall is of the recipients' kind: age does not mix kinds that resist quantum
// computers with those that do not.
func keyOfOneCall(recipients []age.Recipient) (age.Identity, age.Recipient, error) {
	if _, hybrid := recipients[0].(*age.HybridRecipient); hybrid {
		key, err := age.GenerateHybridIdentity()
		if err != nil {
			return nil, nil, err
		}
		return key, key.Recipient(), nil
	}
	key, err := age.GenerateX25519Identity()
	if err != nil {
		return nil, nil, err
	}
	return key, key.Recipient(), nil
}

func write(ctx context.Context, from, to string, recipients []age.Recipient) (content string, err error) {
	in, err := os.Open(from)
	if err != nil {
		return "", err
	}
	defer in.Close()
	out, err := os.OpenFile(to, os.O_CREATE|os.O_TRUNC|os.O_WRONLY, 0o600)
	if err != nil {
		return "", err
	}
	defer func() { err = errors.Join(err, out.Close()) }()
	var sealed io.WriteCloser = unsealed{out}
	if len(recipients) > 0 {
		if sealed, err = age.Encrypt(out, recipients...); err != nil {
			return "", err
		}
	}
	packed, err := gzip.NewWriterLevel(sealed, gzip.BestSpeed)
	if err != nil {
		return "", err
	}
	sum := sha256.New()
	if _, err := io.Copy(io.MultiWriter(packed, sum), &interruptible{ctx, in}); err != nil {
		return "", err
	}
	return hex.EncodeToString(sum.Sum(nil)), errors.Join(packed.Close(), sealed.Close(), out.Sync())
}

// unsealed is a file that is not encrypted.
type unsealed struct{ io.Writer }

func (unsealed) Close() error { return nil }

// interruptible ends a long copy with its context.
type interruptible struct {
	ctx context.Context
	io.Reader
}

func (r *interruptible) Read(p []byte) (int, error) {
	if err := r.ctx.Err(); err != nil {
		return 0, err
	}
	return r.Reader.Read(p)
}

// Read opens a backup and writes the store's file that it holds, which must not exist.
// A failure leaves no file.
func Read(ctx context.Context, from, to string, identities []age.Identity) (sums Sums, err error) {
	out, err := os.OpenFile(to, os.O_CREATE|os.O_EXCL|os.O_WRONLY, 0o600)
	if err != nil {
		return sums, fmt.Errorf("cannot read the backup: %w", err)
	}
	sum := sha256.New()
	sums.File, sums.Size, err = read(ctx, from, io.MultiWriter(out, sum), identities...)
	sums.Content = hex.EncodeToString(sum.Sum(nil))
	if err = errors.Join(err, out.Sync(), out.Close()); err != nil {
		return sums, errors.Join(fmt.Errorf("cannot read the backup %s: %w", filepath.Base(from), err), os.Remove(to))
	}
	return sums, nil
}

// read hands a backup's content on, and gives the file's own hash and size.
func read(ctx context.Context, from string, to io.Writer, identities ...age.Identity) (hash string, size int64, err error) {
	in, err := os.Open(from)
	if err != nil {
		return "", 0, err
	}
	defer in.Close()
	sum := sha256.New()
	whole := bufio.NewReaderSize(io.TeeReader(&interruptible{ctx, in}, sum), 1<<16)
	opened, err := open(whole, identities)
	if err != nil {
		return "", 0, err
	}
	content, err := gzip.NewReader(opened)
	if err == nil {
		_, err = io.Copy(to, content)
	}
	if err == nil {
		// gzip stops at its own end; what comes behind must be nothing, and authentic.
		var rest int64
		if rest, err = io.Copy(io.Discard, opened); rest > 0 {
			err = errors.New("there is something behind its end")
		}
	}
	if ctx.Err() != nil {
		return "", 0, ctx.Err()
	}
	if err != nil {
		return "", 0, fmt.Errorf("%w: %w", ErrDamaged, err)
	}
	info, err := in.Stat()
	return hex.EncodeToString(sum.Sum(nil)), info.Size(), err
}

// open takes encryption off, if there is any.
func open(file *bufio.Reader, identities []age.Identity) (io.Reader, error) {
	begin, err := file.Peek(len(magic))
	if err != nil {
		return nil, fmt.Errorf("%w: it is cut short", ErrDamaged)
	}
	if !bytes.Equal(begin, []byte(magic)) {
		return file, nil
	}
	identities = nonNil(identities)
	if len(identities) == 0 {
		return nil, ErrLocked
	}
	opened, err := age.Decrypt(file, identities...)
	var other *age.NoIdentityMatchError
	switch {
	case errors.As(err, &other):
		return nil, ErrLocked
	case err != nil:
		return nil, fmt.Errorf("%w: %w", ErrDamaged, err)
	}
	return opened, nil
}

func nonNil(list []age.Identity) []age.Identity {
	var out []age.Identity
	for _, i := range list {
		if i != nil {
			out = append(out, i)
		}
	}
	return out
}

// syncDir makes a name durable.
func syncDir(dir string) error {
	d, err := os.Open(dir)
	if err != nil {
		return err
	}
	return errors.Join(d.Sync(), d.Close())
}
