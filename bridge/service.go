package bridge

import (
	"context"
	"errors"
	"sync"
	"sync/atomic"
	"time"
)

// ErrNotFound is what a store returns for a row that is not there.
var ErrNotFound = errors.New("not found")

// ErrExists is what a store returns when (EC, IUPD), (EC, IUV) or (EC, NAV) is
// taken (gpd-api.md §1.7).
var ErrExists = errors.New("already exists")

// Store keeps positions, receipts, keys and the journal.
type Store interface {
	// Notice is the node's point read: one row, no transaction. ErrNotFound when
	// the EC has no such notice.
	Notice(ctx context.Context, ec ECCode, nav NoticeNumber) (*Notice, error)
	// View runs fn on one consistent snapshot.
	View(ctx context.Context, fn func(ReadTx) error) error
	// Update runs fn in the one writer's transaction and returns after a durable
	// commit. When fn fails nothing of it remains; several updates may share a
	// commit. fn runs at most once and must not call Update. Nothing is to be told
	// to anybody before Update returns nil.
	Update(ctx context.Context, fn func(Tx) error) error
}

// ReadTx reads one snapshot. The EC is a mandatory argument of every read of a
// tenant's data.
type ReadTx interface {
	PrivacyReader
	PrintReader
	AvailabilityReader
	// Position, PositionByNAV and PositionByIUV give the whole tree, or ErrNotFound.
	Position(ctx context.Context, ec ECCode, iupd IUPD) (*Position, error)
	PositionByNAV(ctx context.Context, ec ECCode, nav NoticeNumber) (*Position, error)
	PositionByIUV(ctx context.Context, ec ECCode, iuv IUV) (*Position, error)
	// Positions gives a page. Each position has the status of q.Now, judged on the
	// whole tree; with due dates asked for it comes without the instalments outside
	// of them, so its status cannot be judged again.
	Positions(ctx context.Context, q PositionQuery) (PositionPage, error)
	// PositionsWithIBAN gives at most limit positions of the EC, the oldest first, that
	// have an unpaid transfer of the EC's to the account.
	PositionsWithIBAN(ctx context.Context, ec ECCode, iban string, limit int) ([]IUPD, error)
	// DueToMove gives at most limit positions, of any EC, whose stored state time has
	// overtaken.
	DueToMove(ctx context.Context, now time.Time, limit int) ([]PositionKey, error)
	// Receipt finds a receipt of the recipient EC; ErrNotFound when it has none.
	Receipt(ctx context.Context, ec ECCode, receiptID string) (*Receipt, error)
	ReceiptsByNAV(ctx context.Context, ec ECCode, nav NoticeNumber) ([]Receipt, error)
	// Receipts gives a page, ordered by IUV; ReceiptByIUV the first one of a payment
	// made, or ErrNotFound.
	Receipts(ctx context.Context, q ReceiptQuery) (ReceiptPage, error)
	ReceiptByIUV(ctx context.Context, ec ECCode, iuv IUV) (*Receipt, error)
	Anomalies(ctx context.Context, ec ECCode) ([]Anomaly, error)
	// Demand finds what an equal demand was answered with, or ErrNotFound.
	Demand(ctx context.Context, key DemandKey) (DemandRecord, error)
	// FindAnomalies gives the newest q.Limit that match, newest first.
	FindAnomalies(ctx context.Context, q AnomalyQuery) ([]Anomaly, error)
	// Rejected gives one kept input, or ErrNotFound; WaitingRejected the ids above
	// after, ascending, of those not replayed that were refused for a reason.
	Rejected(ctx context.Context, id int64) (*RejectedInput, error)
	WaitingRejected(ctx context.Context, reasons []string, after int64, limit int) ([]int64, error)
	// Massive, NextMassive, MassiveOutcomes and MassiveFiles read uploaded files and the
	// rows that wait (massive.go).
	Massive(ctx context.Context, broker string, ec ECCode, id string) (MassiveFile, error)
	NextMassive(ctx context.Context, after MassiveWork) (MassiveWork, error)
	MassiveOutcomes(ctx context.Context, id string) ([]MassiveGroup, error)
	MassiveFiles(ctx context.Context, q MassiveQuery) (MassivePage, error)
	// SearchPositions gives a page in the order of last changes.
	SearchPositions(ctx context.Context, q PositionSearch) (FoundPositions, error)
	// ReceiptsAfter gives at most q.Limit receipts in the order of their arrival.
	ReceiptsAfter(ctx context.Context, q ReceiptsQuery) ([]NumberedReceipt, error)
	// ListAnomalies gives at most q.Limit of an EC's in the order of their numbers.
	ListAnomalies(ctx context.Context, q AnomalyList) ([]Anomaly, error)
	// KeptAnswer finds an answer by its request's name, or ErrNotFound.
	KeptAnswer(ctx context.Context, key AnswerKey) (*KeptAnswer, error)
	// Webhook, Webhooks and DueWebhooks read webhooks, Letters what they were not
	// delivered (webhook.go).
	Webhook(ctx context.Context, id string) (*Webhook, error)
	Webhooks(ctx context.Context, ec ECCode) ([]Webhook, error)
	DueWebhooks(ctx context.Context, now time.Time) ([]Webhook, error)
	Letters(ctx context.Context, q LetterQuery) ([]Letter, error)
	WebhookTroubles(ctx context.Context) (failing, dead int, err error)
	// Mappings gives an EC's by name.
	Mappings(ctx context.Context, ec ECCode) ([]SavedMapping, error)
	// JournalEnd is the number of the journal's last record.
	JournalEnd(ctx context.Context) (int64, error)
	// LastJournalBy is an actor's newest record, ErrNotFound when there is none.
	LastJournalBy(ctx context.Context, actor string) (JournalRecord, error)
	// JournalAfter gives at most q.Limit records of the journal, in order.
	JournalAfter(ctx context.Context, q JournalQuery) ([]JournalRecord, error)
	// Vitals reads what monitoring asks for, with the anomalies behind a number.
	Vitals(ctx context.Context, after int64) (Vitals, error)
	// MassiveWaiting counts the rows of complete files that are not worked off.
	MassiveWaiting(ctx context.Context) (int, error)
	Key(ctx context.Context, id string) (*Key, error)
	Keys(ctx context.Context) ([]Key, error)
}

// Tx reads and writes in one transaction.
type Tx interface {
	ReadTx
	PrivacyWriter
	PrintWriter
	AvailabilityWriter
	// InsertPosition stores the tree and its notices; ErrExists on a collision.
	InsertPosition(ctx context.Context, p *Position) error
	// UpdatePositionState stores what a transition or a payment changes: states
	// and times of position, options, instalments and transfers, and the notices.
	UpdatePositionState(ctx context.Context, p *Position) error
	// ReplacePosition stores another tree under the position's EC and IUPD; ErrNotFound
	// when there is none, ErrExists on a collision. Notice numbers that are no longer
	// in it stay used.
	ReplacePosition(ctx context.Context, p *Position) error
	// DeletePosition removes the tree and its notices. Receipts remain, and the
	// notice numbers stay used.
	DeletePosition(ctx context.Context, ec ECCode, iupd IUPD) error
	// InsertReceipt stores a receipt; ErrExists when (EC, ReceiptID) is known.
	InsertReceipt(ctx context.Context, r *Receipt) error
	// KeepVariant stores other bytes that came under a known receiptId; the same
	// bytes again are not stored twice. It says whether they were new.
	KeepVariant(ctx context.Context, r *Receipt) (bool, error)
	// KeepRejected keeps a body once for each reason, however often it is sent, and
	// says whether it was new.
	KeepRejected(ctx context.Context, in RejectedInput) (bool, error)
	MarkReplayed(ctx context.Context, id int64, at time.Time) error
	InsertAnomaly(ctx context.Context, a Anomaly) error
	// AcknowledgeAnomaly notes who has looked at one, once; ErrNotFound when there is
	// none of the number among those of the EC and the codes.
	AcknowledgeAnomaly(ctx context.Context, q AnomalyList, id int64, by string, at time.Time) (Anomaly, error)
	// NextNumbers takes the next values of the EC's series for a segregation code;
	// fresh is the key of a series that does not exist yet.
	NextNumbers(ctx context.Context, ec ECCode, segregation string, count int, fresh []byte) (NumberSeries, error)
	// ReserveNumber marks a number as issued, for ever; ErrExists when the EC has
	// or has had a notice of this number or of its IUV.
	ReserveNumber(ctx context.Context, ec ECCode, nav NoticeNumber) error
	// PutDemand remembers a demand in place of an earlier equal one.
	PutDemand(ctx context.Context, rec DemandRecord) error
	// A file is opened, gets its chunks, and is complete; FinishMassive takes a worked
	// chunk away and notes its rows' outcomes, ErrNotFound when it is gone already.
	OpenMassive(ctx context.Context, f MassiveFile) error
	AddMassive(ctx context.Context, id string, c *MassiveChunk) error
	CompleteMassive(ctx context.Context, id string) error
	DropMassive(ctx context.Context, id string) error
	FinishMassive(ctx context.Context, work MassiveWork, outcomes []MassiveOutcome, now time.Time) error
	// ForgetMassive removes files that ended before, and, if asked, those that are not
	// complete.
	ForgetMassive(ctx context.Context, before time.Time, incomplete bool) error
	// KeepAnswer keeps what a request was answered, in the place of an earlier answer;
	// ForgetAnswers removes those from before.
	KeepAnswer(ctx context.Context, a KeptAnswer) error
	ForgetAnswers(ctx context.Context, before time.Time) error
	// InsertWebhook stores one that begins behind what has happened; UpdateWebhook how
	// its deliveries stand.
	InsertWebhook(ctx context.Context, w *Webhook) error
	UpdateWebhook(ctx context.Context, w *Webhook) error
	SkipTo(ctx context.Context, webhook string, event int64) error
	DeleteWebhook(ctx context.Context, id string) error
	PutLetter(ctx context.Context, webhook string, l Letter) error
	RemoveLetter(ctx context.Context, webhook string, event int64) error
	MarkAgain(ctx context.Context, webhook string, events []int64, at time.Time) (int, error)
	ForgetLetters(ctx context.Context, before time.Time) error
	PutMapping(ctx context.Context, m SavedMapping) error
	DeleteMapping(ctx context.Context, ec ECCode, name string) error
	InsertKey(ctx context.Context, k Key) error
	RevokeKey(ctx context.Context, id string, at time.Time) error
	// ExpireKey ends a live key at an instant; NoteKeyUse says when one was used last.
	ExpireKey(ctx context.Context, id string, at time.Time) error
	NoteKeyUse(ctx context.Context, id string, at time.Time) error
	// Journal appends a record of who did what; it is never changed.
	Journal(ctx context.Context, e JournalEntry) error
}

// PositionKey names a position.
type PositionKey struct {
	EC   ECCode
	IUPD IUPD
}

// PositionQuery asks for a page of an EC's positions (gpd-api.md §3.3). Zero
// values mean no filter.
type PositionQuery struct {
	EC           ECCode
	Now          time.Time        // the instant at which the states are judged
	Statuses     []PositionStatus // any of them
	DueFrom      time.Time        // instalments due in [DueFrom, DueTo]; both or none
	DueTo        time.Time
	PaidFrom     time.Time // position paid in [PaidFrom, PaidTo]; both or none
	PaidTo       time.Time
	Segregations []string // allowed first two characters of the IUV; none means all
	OrderBy      PositionOrder
	Ascending    bool
	Page         int // from 0
	Limit        int // rows a page
}

// PositionOrder is a column to order by.
type PositionOrder string

// The orders of gpd-api.md §3.3.
const (
	ByInsertedDate PositionOrder = "INSERTED_DATE"
	ByIUPD         PositionOrder = "IUPD"
	ByStatus       PositionOrder = "STATUS"
	ByCompanyName  PositionOrder = "COMPANY_NAME"
)

// PositionPage is one page and how many positions match in all.
type PositionPage struct {
	Positions []Position
	Total     int
}

// JournalEntry says who did what to which object. It names codes, never a
// person's data.
type JournalEntry struct {
	At     time.Time
	Actor  string // "node", "key:<id>", "operator"
	Action string // e.g. "position.create", "receipt.record"
	EC     string
	Object string // IUPD, receiptId or key id
	Detail string
	About  Subject
}

// Clock tells the time. A use case asks once.
type Clock interface{ Now() time.Time }

// Service is the use cases. It is safe for concurrent use.
type Service struct {
	store    Store
	clock    Clock
	registry atomic.Pointer[Registry]
	desk     atomic.Pointer[ServiceDesk] // nil while no spontaneous service is offered
	uses     sync.Map                    // when keys were used, by id, until NoteUses
	denials  sync.Map                    // when a key's last denial was written down, by id
	ring     keyring
}

// NewService needs all three: where things are kept, what time it is, and whom
// the node may address.
func NewService(store Store, clock Clock, registry *Registry) *Service {
	s := &Service{store: store, clock: clock}
	s.registry.Store(registry)
	return s
}

// Registry is the one in force.
func (s *Service) Registry() *Registry { return s.registry.Load() }

// Now is the service's clock, for what is asked of it relative to now.
func (s *Service) Now() time.Time { return s.now() }

// now is the use case's one instant, in UTC to the microsecond that GPD's dates
// and the store have.
func (s *Service) now() time.Time { return s.clock.Now().UTC().Truncate(time.Microsecond) }

// unavailable wraps a store's failure, so that no driver's text reaches a caller.
func unavailable(doing string, err error) error {
	var refusal *Error
	if err == nil || errors.As(err, &refusal) {
		return err
	}
	return &Error{Code: CodeStoreUnavailable, Err: errors.Join(errors.New("cannot "+doing), err)}
}
