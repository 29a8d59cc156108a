package paneltest

import (
	"encoding/json"
	"slices"
	"strings"
	"time"
)

// state is what the Panel's database holds. Rows point at each other; the
// Panel's lock guards all of them.
type state struct {
	users         table[user]
	keys          map[string]*apiKey // by what a client sends
	keyOrder      []*apiKey
	locations     table[location]
	nodes         table[node]
	allocations   table[allocation]
	nests         table[nest]
	eggs          table[egg]
	variables     table[variable]
	databaseHosts table[databaseHost]
	servers       table[server]
	subusers      table[subuser]
	databases     table[database]
	schedules     table[schedule]
	tasks         table[task]
	activity      []*activity

	// Ways to servers and users that would otherwise be long.
	serversByUUID map[string]*server // by UUID and by identifier
	usersByUUID   map[string]*user

	settings settings
}

// settings is what an administrator chose.
type settings struct {
	autoAllocation       bool // users may ask for a port
	portStart, portEnd   int  // the ports that may be made for them
	backupLimit          int  // backups in backupPeriod, 0 for no limit
	backupPeriod         time.Duration
	requireTwoFactor     bool
	maxKeys, maxTasks    int
	maxEditSize          int64
	createDatabases      bool
	resourcesCachePeriod time.Duration
}

func newState() *state {
	return &state{
		keys:          make(map[string]*apiKey),
		serversByUUID: make(map[string]*server),
		usersByUUID:   make(map[string]*user),
		settings: settings{
			backupLimit: 2, backupPeriod: 10 * time.Minute, maxKeys: 25, maxTasks: 10, maxEditSize: 4 << 20,
			createDatabases: true, resourcesCachePeriod: 20 * time.Second,
		},
	}
}

// table holds rows by their ids, in the order of the ids.
type table[T any] struct {
	rows map[int]*T
	ids  []int // ascending
	last int   // the highest id ever given
}

// next returns the id of a new row, which is used up even if the row is not
// added, as in a transaction that is rolled back.
func (t *table[T]) next() int {
	t.last++
	return t.last
}

func (t *table[T]) add(id int, row *T) {
	if t.rows == nil {
		t.rows = make(map[int]*T)
	}
	t.rows[id] = row
	t.last = max(t.last, id)
	if i, found := slices.BinarySearch(t.ids, id); !found {
		t.ids = slices.Insert(t.ids, i, id)
	}
}

func (t *table[T]) get(id int) *T { return t.rows[id] }

func (t *table[T]) remove(id int) {
	delete(t.rows, id)
	if i, found := slices.BinarySearch(t.ids, id); found {
		t.ids = slices.Delete(t.ids, i, i+1)
	}
}

func (t *table[T]) all() []*T {
	rows := make([]*T, len(t.ids))
	for i, id := range t.ids {
		rows[i] = t.rows[id]
	}
	return rows
}

// where returns the rows that fit.
func (t *table[T]) where(fits func(*T) bool) []*T {
	var rows []*T
	for _, id := range t.ids {
		if row := t.rows[id]; fits(row) {
			rows = append(rows, row)
		}
	}
	return rows
}

// first returns the first row that fits, nil for none.
func (t *table[T]) first(fits func(*T) bool) *T {
	for _, id := range t.ids {
		if row := t.rows[id]; fits(row) {
			return row
		}
	}
	return nil
}

type user struct {
	id                            int
	externalID                    *string
	uuid, username, email         string
	firstName, lastName, language string
	password                      string
	admin                         bool
	totpSecret                    string // "" until asked for
	totpEnabled                   bool
	totpLast                      int64 // the period of the last code that was taken
	recoveryTokens                []string
	sshKeys                       []*sshKey
	created, updated              time.Time
}

type sshKey struct {
	name, fingerprint, publicKey string
	created                      time.Time
}

// The kinds of API keys.
const (
	clientKey      = "client"
	applicationKey = "application"
)

type apiKey struct {
	kind               string
	identifier, secret string
	owner              *user
	memo               string
	allowedIPs         []string
	rights             map[string]string // of an application key: resource to "read" or "write"; nil for all
	lastUsed           *time.Time
	created            time.Time
}

type location struct {
	id               int
	short            string
	long             *string
	created, updated time.Time
}

type node struct {
	id                               int
	uuid                             string
	name                             string
	description                      *string
	location                         *location
	public, behindProxy, maintenance bool
	fqdn, scheme, daemonBase         string
	listen, sftp                     int
	memory, disk                     int
	memoryOverallocate               int
	diskOverallocate                 int
	uploadSize                       int
	tokenID, token                   string
	created, updated                 time.Time
	daemon                           *daemon // nil while no Wings was ever set up
	host                             *host   // serves the daemon
	down                             bool
}

// up tells that the Panel reaches the node's Wings.
func (n *node) up() bool { return n.daemon != nil && !n.down }

// address is the beginning of the URLs of the node.
func (n *node) address() string {
	return n.scheme + "://" + n.fqdn + ":" + itoa(n.listen)
}

type allocation struct {
	id     int
	node   *node
	ip     string
	port   int
	alias  *string
	notes  *string
	server *server // nil while it is free
}

func (a *allocation) String() string { return a.ip + ":" + itoa(a.port) }

type nest struct {
	id               int
	uuid             string
	author, name     string
	description      *string
	created, updated time.Time
}

type egg struct {
	id                     int
	uuid                   string
	nest                   *nest
	name, author           string
	description            *string
	images                 []SeedImage
	features               []string
	denylist               []string
	files, startup, logs   json.RawMessage
	stop                   *string
	configFrom, scriptFrom *egg
	command                string
	privileged             bool
	install                string
	entry, container       string
	variables              []*variable
	game                   SeedGame
	created, updated       time.Time
}

// image returns an image of the egg that has it, "" for none.
func (e *egg) hasImage(image string) bool {
	return slices.ContainsFunc(e.images, func(i SeedImage) bool { return i.Image == image })
}

type variable struct {
	id                 int
	egg                *egg
	name, description  string
	env                string
	value              string // by default
	viewable, editable bool
	rules              string
	created, updated   time.Time
}

type databaseHost struct {
	id               int
	name, host       string
	port             int
	username         string
	node             *node
	created, updated time.Time
}

// What a server's status can be; "" means that it is ready.
const (
	statusInstalling      = "installing"
	statusInstallFailed   = "install_failed"
	statusReinstallFailed = "reinstall_failed"
	statusSuspended       = "suspended"
	statusRestoring       = "restoring_backup"
)

type server struct {
	id               int
	externalID       *string
	uuid             string
	name             string
	description      *string
	owner            *user
	node             *node
	egg              *egg
	status           string
	installed        bool // an installation was completed once
	transferring     bool
	limits           limits
	databaseLimit    *int
	allocationLimit  *int
	backupLimit      int
	image, command   string
	values           map[int]*string // of variables, by their ids
	allocation       *allocation     // the primary one
	allocations      []*allocation   // by id
	subusers         []*subuser
	databases        []*database
	schedules        []*schedule
	backups          []*backup
	created, updated time.Time

	files        map[string]string // that the seed gave, until its machine exists
	running      bool              // as the seed has it
	hadContainer bool              // it was started once
	stats        *machineStats     // what the Panel keeps for a while
	statsTime    time.Time
}

// identifier is the short id.
func (s *server) identifier() string { return s.uuid[:8] }

type limits struct {
	memory, swap, disk, io, cpu int
	threads                     *string
	oomDisabled                 bool
}

// value is the value of a variable on this server, nil if there is none.
func (s *server) value(v *variable) *string { return s.values[v.id] }

// subuser returns the part that a user has in the server, nil for none.
func (s *server) subuser(u *user) *subuser {
	for _, sub := range s.subusers {
		if sub.user == u {
			return sub
		}
	}
	return nil
}

// invocation is the start command with values in it, hidden ones masked for
// those who may not see any.
func (s *server) invocation(masked bool) string {
	replacements := []string{
		"{{SERVER_MEMORY}}", itoa(s.limits.memory),
		"{{SERVER_IP}}", s.allocation.ip,
		"{{SERVER_PORT}}", itoa(s.allocation.port),
	}
	for _, v := range s.egg.variables {
		text := "[hidden]"
		if v.viewable && !masked {
			text = deref(s.value(v))
		}
		replacements = append(replacements, "{{"+v.env+"}}", text)
	}
	return strings.NewReplacer(replacements...).Replace(s.command)
}

type subuser struct {
	id               int
	user             *user
	server           *server
	permissions      []string
	created, updated time.Time
}

type database struct {
	id                       int
	server                   *server
	host                     *databaseHost
	name, username, password string
	remote                   string
	created, updated         time.Time
}

type schedule struct {
	id                 int
	server             *server
	name               string
	minute, hour       string
	dayOfMonth, month  string
	dayOfWeek          string
	active, onlyOnline bool
	processing         bool
	lastRun, nextRun   *time.Time
	tasks              []*task
	created, updated   time.Time
	timer              *time.Timer // of the task that runs next
}

// sorted returns the tasks in the order in which they run.
func (s *schedule) sorted() []*task {
	return slices.SortedStableFunc(slices.Values(s.tasks), func(a, b *task) int { return a.sequence - b.sequence })
}

type task struct {
	id                int
	schedule          *schedule
	sequence          int
	action, payload   string
	offset            int
	queued            bool
	continueOnFailure bool
	created, updated  time.Time
}

type backup struct {
	uuid       string
	name       string
	ignored    []string
	successful bool
	locked     bool
	checksum   *string
	size       int64
	created    time.Time
	completed  *time.Time
	deleted    bool // it still counts for the throttle
}

// failed tells that the backup ended badly; such ones do not count.
func (b *backup) failed() bool { return b.completed != nil && !b.successful }

// liveBackups are the backups of a server that were not deleted.
func (s *server) liveBackups() []*backup {
	return slices.DeleteFunc(slices.Clone(s.backups), func(b *backup) bool { return b.deleted })
}

// activity is a line of the activity log.
type activity struct {
	id         int
	event      string
	actor      *user // nil for the system
	isAPI      bool
	ip         string
	server     *server // what it is about: a server
	account    *user   // or an account
	properties []property
	at         time.Time
}

// property keeps properties in the order in which they were noted.
type property struct {
	key   string
	value any
}

// addServer puts a server with its allocations into the tables.
func (s *state) addServer(srv *server) {
	s.servers.add(srv.id, srv)
	s.serversByUUID[srv.uuid] = srv
	s.serversByUUID[srv.identifier()] = srv
}

// removeServer takes a server and all that hangs on it out of the tables.
func (s *state) removeServer(srv *server) {
	s.servers.remove(srv.id)
	delete(s.serversByUUID, srv.uuid)
	delete(s.serversByUUID, srv.identifier())
	for _, a := range srv.allocations {
		a.server, a.notes = nil, nil
	}
	for _, sub := range srv.subusers {
		s.subusers.remove(sub.id)
	}
	for _, d := range srv.databases {
		s.databases.remove(d.id)
	}
	for _, schedule := range srv.schedules {
		s.removeSchedule(schedule)
	}
}

func (s *state) removeSchedule(schedule *schedule) {
	schedule.stop()
	for _, t := range schedule.tasks {
		s.tasks.remove(t.id)
	}
	s.schedules.remove(schedule.id)
}

// stop ends what a schedule was about to do.
func (s *schedule) stop() {
	if s.timer != nil {
		s.timer.Stop()
	}
	s.processing = false
}

// assign gives an allocation to a server.
func (srv *server) assign(a *allocation) {
	a.server = srv
	srv.allocations = append(srv.allocations, a)
	slices.SortFunc(srv.allocations, func(a, b *allocation) int { return a.id - b.id })
}

// release takes an allocation from a server.
func (srv *server) release(a *allocation) {
	a.server, a.notes = nil, nil
	srv.allocations = slices.DeleteFunc(srv.allocations, func(b *allocation) bool { return b == a })
}

func (s *state) addUser(u *user) {
	s.users.add(u.id, u)
	s.usersByUUID[u.uuid] = u
}

func (s *state) addKey(k *apiKey) {
	s.keys[k.identifier+k.secret] = k
	s.keyOrder = append(s.keyOrder, k)
}

func (s *state) removeKey(k *apiKey) {
	delete(s.keys, k.identifier+k.secret)
	s.keyOrder = slices.DeleteFunc(s.keyOrder, func(other *apiKey) bool { return other == k })
}

// keysOf are the client keys of a user.
func (s *state) keysOf(u *user) []*apiKey {
	var keys []*apiKey
	for _, k := range s.keyOrder {
		if k.owner == u && k.kind == clientKey {
			keys = append(keys, k)
		}
	}
	return keys
}

// used sums what the servers of a node were promised, in MiB.
func (s *state) used(n *node) (memory, disk int) {
	for _, id := range s.servers.ids {
		if srv := s.servers.rows[id]; srv.node == n {
			memory += srv.limits.memory
			disk += srv.limits.disk
		}
	}
	return memory, disk
}
