import type {Definitions, MigrationTool, PublicProject, SqlFiles} from './project.ts';

/** The repositories, each with the commit that is read and the license of the project. */
const repositories = {
	'amacneil/dbmate': ['f3e08f15e39d5b3f10ba014b470467fb484dfc54', 'MIT'],
	'ankitects/anki': ['c32cb2913d6f4d21e06876265634c55d9d55ee69', 'AGPL-3.0'],
	'apache/subversion': ['33bbc9853714e0a0c8a0c5af1250d4c49179aac8', 'Apache-2.0'],
	'AppFlowy-IO/AppFlowy': ['5cf3a365dec0d59f64bad1ee4bb1050471a39b93', 'AGPL-3.0'],
	'atuinsh/atuin': ['824c8716d82bed774ee6a83c683087ae77715814', 'MIT'],
	'authelia/authelia': ['23572030b4048922a377ca40d59e804e0ed25fd7', 'Apache-2.0'],
	'binwiederhier/ntfy': ['81a486adc11fe24efcbedefb28ae946028597c2f', 'Apache-2.0'],
	'BloopAI/vibe-kanban': ['4deb7eca8f381f7cbc1f9d15515a9ab8f8009053', 'Apache-2.0'],
	'charmbracelet/crush': ['37f36e93824e5c4f892e4a817f7f628e2682fe14', 'FSL-1.1-MIT'],
	'clementine-player/Clementine': ['6690b8a8647d4a69320e69d3218610873276631c', 'GPL-3.0'],
	'cloudflare/templates': ['7a0bc8f9a10dc9233964bb8d834beff585d56f08', 'MIT'],
	'dani-garcia/vaultwarden': ['46d71107f5094460dd5ecbe1dbac6e6c71e5189a', 'AGPL-3.0'],
	'deltachat/deltachat-core-rust': ['8a5a67d6f26be10532f36abbc3687b934d562671', 'MPL-2.0'],
	'drhsqlite/fossil-mirror': ['27ba874e56bd75e034858fc53fd6cebcdd77b7bf', 'BSD-2-Clause'],
	'element-hq/synapse': ['a58ad44eb0ce3cc14153f921206f322e17339dc5', 'AGPL-3.0'],
	'epicweb-dev/epic-stack': ['f64d690722d8260a055bb63b042de877ab3f6a18', 'MIT'],
	'FreeRADIUS/freeradius-server': ['65a80881caf496281707f2c52ef68ae5a4e518ce', 'GPL-2.0'],
	'FreshRSS/FreshRSS': ['6c58b90518c30a165db1ee8ea34e0f3d12c6c898', 'AGPL-3.0'],
	'go-shiori/shiori': ['585ea341aa59219b0477f991eadb545d24e3a121', 'MIT'],
	'gotson/komga': ['cba53ed3750fcc7b333293e093a6bfaa6afa3a26', 'MIT'],
	'harness/gitness': ['bbb7bce02a7735ed2943a8ad969625c4f76622ed', 'Apache-2.0'],
	'homarr-labs/homarr': ['464d98e124726f30c5f92ccf18a5ebff71e0cdd9', 'Apache-2.0'],
	'juanfont/headscale': ['f20f1f127842c74dd5f6e10254307b65b1aee936', 'BSD-3-Clause'],
	'k3s-io/kine': ['caf32704a06bacda37aec4db49ec432eda567241', 'Apache-2.0'],
	'kamailio/kamailio': ['38711a3e788de0130d48cb485578c482b57d9351', 'GPL-2.0'],
	'karakeep-app/karakeep': ['7ca5ee236b96cd659096b1530c5be3fdcd8e4470', 'AGPL-3.0'],
	'KDE/digikam': ['33d0457e20adda97c003f3dee652a1749406ff9f', 'GPL-2.0'],
	'kovidgoyal/calibre': ['ea9ccaf487197d70a9dc354a547dea6ff2ca29b6', 'GPL-3.0'],
	'laurent22/joplin': ['db966f919ea51f5f32fa454a10c7a64957a4e9de', 'AGPL-3.0'],
	'lightningnetwork/lnd': ['90ea05d5a7f9239ede8eb4e2f36d9a66c39e67d5', 'MIT'],
	'lovasoa/SQLpage': ['dd3de5cd437b04af97d8f4427e24227e00ae779a', 'MIT'],
	'matrix-org/dendrite': ['084181332b5c364e2442d3c98522ad8848bc4d36', 'Apache-2.0'],
	'mihonapp/mihon': ['a2c24ff0429ad2502b612c9ab1f2b09966629f73', 'Apache-2.0'],
	'moneymanagerex/database': ['5a77461d932541cbcd10f2c776dd33398b335964', 'GPL-2.0'],
	'mozilla/application-services': ['2de6bfb571327183d5ac30459737e524c4746501', 'MPL-2.0'],
	'NixOS/nix': ['88b09c64fbea076a0376830d98e5331f70ed31a3', 'LGPL-2.1'],
	'openfga/openfga': ['da9354f7e6704cef47e620ffa2e08212c08d5ad3', 'Apache-2.0'],
	'OSGeo/PROJ': ['52da98bd995c7e52b194215d3bfa584abf0f3f20', 'MIT'],
	'pi-hole/pi-hole': ['1837b754b945eeab6ad5976443b38b983eb96e6e', 'EUPL-1.2'],
	'pocket-id/pocket-id': ['d258d952b1573300860aff369e300a76f6fb5f09', 'BSD-2-Clause'],
	'PowerDNS/pdns': ['20096dc7c96883e6f92ed91ce8fa6e911f50bca0', 'GPL-2.0'],
	'processone/ejabberd': ['61bf7a9cc9727f48f8069bb88b6253165065a121', 'GPL-2.0'],
	'quassel/quassel': ['c63fc1eecc4abc130b742ffc678b22f6a852f782', 'GPL-2.0'],
	'remix-run/indie-stack': ['56abb93bf81f635b574d9ca23eed05602699458a', 'MIT'],
	'roundcube/roundcubemail': ['28b44419ee44c8749a85e7183325055c2cf68a4d', 'GPL-3.0'],
	'rpm-software-management/dnf5': ['8a8e234809ebb898c488b0efbdde86f1c958a5c4', 'LGPL-2.1'],
	'sabre-io/dav': ['4e433ee91b39100450c28caaf8e0501223fb762a', 'BSD-3-Clause'],
	'stashapp/stash': ['cf3489efdc450dc2812367e8c4d61fd1c9bf3051', 'AGPL-3.0'],
	'strawberrymusicplayer/strawberry': ['56c61a668fa1c6bda7b588a04948068e5ec1d73c', 'GPL-3.0'],
	'strongswan/strongswan': ['3b902ea59b86a8ac097e27a34db85feb877a00f9', 'GPL-2.0'],
	'TeamNewPipe/NewPipe': ['79767f95f7611c79891828383d7adbf6d3a8ac0b', 'GPL-3.0'],
	'temporalio/temporal': ['6805caea59e35d0611ed96be69641b8d86bff11c', 'MIT'],
	'usememos/memos': ['76a762924306e782871204f131f4033be5e8e41a', 'MIT'],
	'writefreely/writefreely': ['6384f4667b5adb3a7c571c8da26b99f93db697ce', 'AGPL-3.0'],
	'zotero/zotero': ['f2a42bec150fa8b947ffde57afd72a22e805f085', 'AGPL-3.0'],
} as const satisfies Readonly<Record<string, readonly [string, string]>>;

type Repository = keyof typeof repositories;

function project(
	name: string,
	repository: Repository,
	definitions: Definitions,
	program: Pick<PublicProject, 'collation' | 'functions'> = {},
): PublicProject {
	const [commit, license] = repositories[repository];
	return {name, repository, commit, license, definitions, ...program};
}

/** Files that contain the whole schema. */
function sql(name: string, repository: Repository, files: readonly string[], how: Omit<SqlFiles, 'kind' | 'files'> = {}): PublicProject {
	return project(name, repository, {kind: 'sql', files, ...how});
}

/** The same, without the statements that fill tables. */
function definitions(name: string, repository: Repository, files: readonly string[], how: Omit<SqlFiles, 'kind' | 'files'> = {}): PublicProject {
	return sql(name, repository, files, {onlyDefinitions: true, ...how});
}

function migrations(name: string, repository: Repository, tool: MigrationTool, folder: string): PublicProject {
	return project(name, repository, {kind: 'migrations', tool, folder});
}

const kamailioModules = [
	'standard',
	'acc',
	'lcr',
	'domain',
	'group',
	'permissions',
	'registrar',
	'usrloc',
	'msilo',
	'alias_db',
	'uri_db',
	'speeddial',
	'avpops',
	'auth_db',
	'pdt',
	'dialog',
	'dispatcher',
	'dialplan',
	'topos',
	'presence',
	'rls',
	'sca',
	'htable',
	'mtree',
	'siptrace',
	'uac',
	'drouting',
];

/** Databases of different projects, in alphabetical order. */
export const projects: readonly PublicProject[] = [
	project(
		'Anki',
		'ankitects/anki',
		{
			kind: 'sql',
			files: ['rslib/src/storage/schema11.sql', ...[14, 15, 17, 18].map((version) => `rslib/src/storage/upgrades/schema${version}_upgrade.sql`)],
		},
		{collation: 'unicase'},
	),
	migrations('AppFlowy', 'AppFlowy-IO/AppFlowy', 'diesel', 'frontend/rust-lib/flowy-sqlite/migrations'),
	migrations('Atuin', 'atuinsh/atuin', 'sqlx', 'crates/atuin-client/migrations'),
	migrations('Atuin, server', 'atuinsh/atuin', 'sqlx', 'crates/atuin-server-sqlite/migrations'),
	project('Authelia', 'authelia/authelia', {kind: 'sql', files: ['internal/storage/migrations/sqlite/*.up.sql']}, {functions: ['BIN2B64']}),
	definitions('Calibre', 'kovidgoyal/calibre', ['resources/metadata_sqlite.sql']),
	definitions('Clementine', 'clementine-player/Clementine', ['data/schema/schema.sql']),
	migrations('Cloudflare, admin template', 'cloudflare/templates', 'wrangler', 'saas-admin-template/migrations'),
	migrations('Cloudflare, OpenAuth template', 'cloudflare/templates', 'wrangler', 'openauth-template/migrations'),
	migrations('Crush', 'charmbracelet/crush', 'goose', 'internal/db/migrations'),
	migrations('dbmate, example', 'amacneil/dbmate', 'dbmate', 'testdata/db/migrations'),
	definitions('Delta Chat', 'deltachat/deltachat-core-rust', ['src/sql/tables.sql']),
	project('Dendrite, rooms', 'matrix-org/dendrite', {kind: 'quoted', files: ['roomserver/storage/sqlite3/*.go'], quote: /`/}),
	project('Dendrite, sync', 'matrix-org/dendrite', {kind: 'quoted', files: ['syncapi/storage/sqlite3/*.go'], quote: /`/}),
	project('digiKam', 'KDE/digikam', {
		kind: 'xml',
		file: 'core/data/database/dbconfig.xml.cmake.in',
		between: ['name="CreateDB"', 'getItemURLsInAlbumByItemName'],
	}),
	sql('DNF', 'rpm-software-management/dnf5', ['libdnf5/transaction/db/sql/create_tables.sql'], {replace: [[/R"\*\*\(|\)\*\*"/g, '']]}),
	sql('ejabberd', 'processone/ejabberd', ['sql/lite.sql']),
	sql('ejabberd, several hosts', 'processone/ejabberd', ['sql/lite.new.sql']),
	migrations('Epic Stack', 'epicweb-dev/epic-stack', 'prisma', 'prisma/migrations'),
	definitions('Firefox for Android, autofill', 'mozilla/application-services', [
		'components/autofill/sql/create_shared_schema.sql',
		'components/autofill/sql/create_shared_triggers.sql',
	]),
	definitions('Firefox for Android, places', 'mozilla/application-services', ['components/places/sql/create_shared_schema.sql']),
	definitions('Firefox for Android, push', 'mozilla/application-services', ['components/push/src/internal/storage/schema.sql']),
	definitions('Fossil', 'drhsqlite/fossil-mirror', ['src/schema.c'], {
		until: /zTemporaryCheckout|zForumSchema|zLocalSchema\[\]/,
		replace: [
			[/^(?!@ ).*$/gm, ''],
			[/^@ /gm, ''],
			[/repository\./g, ''],
		],
	}),
	sql('FreeRADIUS', 'FreeRADIUS/freeradius-server', [
		'raddb/mods-config/sql/main/sqlite/schema.sql',
		'raddb/mods-config/sql/ippool/sqlite/schema.sql',
		'raddb/mods-config/sql/cui/sqlite/schema.sql',
	]),
	definitions('FreshRSS', 'FreshRSS/FreshRSS', ['app/SQL/install.sql.sqlite.php'], {replace: [[/^(?:<\?php|\$GLOBALS.*|SQL;)$/gm, '']]}),
	migrations('Gitness', 'harness/gitness', 'golang-migrate', 'app/store/database/migrate/sqlite'),
	sql('Headscale', 'juanfont/headscale', ['hscontrol/db/schema.sql']),
	migrations('Homarr', 'homarr-labs/homarr', 'drizzle', 'packages/db/migrations/sqlite'),
	migrations('Indie Stack', 'remix-run/indie-stack', 'prisma', 'prisma/migrations'),
	project('Joplin', 'laurent22/joplin', {
		kind: 'quoted',
		files: ['packages/lib/JoplinDatabase.ts'],
		quote: /(?<!\\)`/,
		until: /class JoplinDatabase/,
		replace: [[/\\`/g, '`']],
	}),
	sql(
		'Kamailio',
		'kamailio/kamailio',
		kamailioModules.map((module) => `utils/kamctl/db_sqlite/${module}-create.sql`),
	),
	migrations('Karakeep', 'karakeep-app/karakeep', 'drizzle', 'packages/db/drizzle'),
	project('Kine (k3s)', 'k3s-io/kine', {kind: 'quoted', files: ['pkg/drivers/sqlite/sqlite.go'], quote: /`/}),
	sql('Komga', 'gotson/komga', ['komga/src/flyway/resources/db/migration/sqlite/V*.sql'], {replace: [[/\$\{[a-z-]+\}/g, 'true']]}),
	migrations('lnd', 'lightningnetwork/lnd', 'golang-migrate', 'sqldb/sqlc/migrations'),
	sql('Memos', 'usememos/memos', ['store/migration/sqlite/LATEST.sql']),
	definitions('Mihon', 'mihonapp/mihon', ['data/src/main/sqldelight/tachiyomi/data/*.sq', 'data/src/main/sqldelight/tachiyomi/view/*.sq'], {
		until: /^\w+:$/m,
		replace: [[/ AS [A-Z]\w+(?:<\w+>)?(?= NOT NULL|,| DEFAULT)/g, '']],
	}),
	definitions('Money Manager Ex', 'moneymanagerex/database', ['tables.sql']),
	project('NewPipe', 'TeamNewPipe/NewPipe', {kind: 'room', file: 'app/schemas/org.schabi.newpipe.database.AppDatabase/9.json'}),
	definitions('Nix', 'NixOS/nix', ['src/libstore/schema.sql', 'src/libstore/ca-specific-schema.sql']),
	project('ntfy', 'binwiederhier/ntfy', {kind: 'quoted', files: ['server/message_cache.go'], quote: /`/}),
	migrations('OpenFGA', 'openfga/openfga', 'goose', 'assets/migrations/sqlite'),
	sql('Pi-hole', 'pi-hole/pi-hole', ['advanced/Templates/gravity.db.sql']),
	project(
		'Pocket ID',
		'pocket-id/pocket-id',
		{kind: 'migrations', tool: 'golang-migrate', folder: 'backend/resources/migrations/sqlite', transactions: 'own'},
		{functions: ['normalize']},
	),
	sql('PowerDNS', 'PowerDNS/pdns', ['modules/gsqlite3backend/schema.sqlite3.sql']),
	definitions('PROJ', 'OSGeo/PROJ', ['data/sql/proj_db_table_defs.sql']),
	definitions('Quassel', 'quassel/quassel', ['src/core/SQL/SQLite/setup_*.sql']),
	sql('Roundcube', 'roundcube/roundcubemail', ['SQL/sqlite.initial.sql']),
	sql('sabre/dav', 'sabre-io/dav', ['examples/sql/sqlite.*.sql']),
	migrations('Shiori', 'go-shiori/shiori', 'golang-migrate', 'internal/database/migrations/sqlite'),
	sql('SQLpage, example', 'lovasoa/SQLpage', ['examples/CRUD - Authentication/sqlpage/migrations/*.sql']),
	project(
		'Stash',
		'stashapp/stash',
		{kind: 'migrations', tool: 'golang-migrate', folder: 'pkg/sqlite/migrations'},
		{functions: ['durationToTinyInt']},
	),
	definitions('Strawberry', 'strawberrymusicplayer/strawberry', ['data/schema/schema.sql']),
	sql('strongSwan', 'strongswan/strongswan', ['src/pool/sqlite.sql']),
	definitions('Subversion', 'apache/subversion', ['subversion/libsvn_wc/wc-metadata.sql'], {until: /-- STMT_UPGRADE_TO_30/}),
	definitions('Synapse', 'element-hq/synapse', ['synapse/storage/schema/main/full_schemas/72/full.sql.sqlite']),
	sql('Temporal', 'temporalio/temporal', ['schema/sqlite/v3/temporal/schema.sql']),
	sql('Temporal, visibility', 'temporalio/temporal', ['schema/sqlite/v3/visibility/schema.sql']),
	migrations('Vaultwarden', 'dani-garcia/vaultwarden', 'diesel', 'migrations/sqlite'),
	migrations('Vibe Kanban', 'BloopAI/vibe-kanban', 'sqlx', 'crates/db/migrations'),
	sql('WriteFreely', 'writefreely/writefreely', ['sqlite.sql']),
	definitions('Zotero', 'zotero/zotero', ['resource/schema/system.sql', 'resource/schema/userdata.sql', 'resource/schema/triggers.sql']),
];
