import {dirname, relative} from 'node:path';
import {exitCodeOf} from '../../source/commands/line/exit-code.ts';
import type {ErrorCode} from '../../source/core/errors.ts';
import {pageOf, plainText} from '../markdown.ts';
import {anchorsOf} from '../slug.ts';
import type {Declaration, Declarations, Node} from './declarations.ts';
import {basesOf, isPlainData, isType, referencesOf, type SectionContext, sectionOf, typeOfField, unionMembers} from './type-section.ts';

/** A generated page. */
export interface GeneratedPage {
	/** Relative to the repository: `docs/reference/json/status.md`. */
	readonly path: string;
	readonly text: string;
}

/** A page of the reference before it is rendered: the declarations that it describes. */
interface ReferencePage {
	readonly path: string;
	readonly title: string;
	readonly intro: string;
	readonly declarations: readonly Declaration[];
}

interface Section {
	/** Absent for the text below the title. */
	readonly heading?: string;
	/** The declaration that the section describes, so other pages can link to it. */
	readonly declaration?: Declaration;
	readonly body: (context: SectionContext) => string;
}

const folder = 'docs/reference';

/** The types that several shapes contain. A page also describes the types that only its own types contain. */
const sharedPages = [
	{file: 'questions', title: 'Questions', root: 'Question'},
	{file: 'operations', title: 'Operations', root: 'Operation'},
	{file: 'hazards', title: 'Hazards', root: 'Hazard'},
	{file: 'findings', title: 'Findings', root: 'Finding'},
	{file: 'events', title: 'Events', root: 'ApplyEvent'},
];

/** The pages of the library, and the folders and files whose exports they describe. */
const libraryPages = [
	{file: 'models', title: 'Table language', intro: 'The functions and types of model files.', under: ['source/core/models/language/']},
	{
		file: 'migration-files',
		title: 'Migration files',
		intro: 'The `op` that a migration file receives, and migrations as data.',
		under: ['source/core/migrations/files/', 'source/core/operations/'],
	},
	{
		file: 'apply',
		title: 'Applying migrations',
		intro: 'The functions of a program that migrates its own database.',
		under: ['source/index.ts', 'source/core/migrations/', 'source/core/models/', 'source/core/errors.ts'],
	},
	{
		file: 'diff-and-plan',
		title: 'Diff and plan',
		intro: 'Pure functions: two schemas become operations, and operations become steps.',
		under: ['source/core/diff/', 'source/core/plan/'],
	},
	{file: 'schema', title: 'Schema', intro: 'A schema as plain data.', under: ['source/core/schema/']},
	{
		file: 'tests',
		title: 'Tests',
		intro: 'The functions of `lite-migr/test`. [In your tests](../../in-your-tests.md) shows how to use them.',
		under: ['source/test.ts', 'source/core/testing/', 'source/core/sqlite/driver/driver-connections.ts'],
	},
	{file: 'database', title: 'Database', intro: 'Functions that open and read a database.', under: ['source/core/sqlite/']},
];

/** Returns the pages of the public types, grouped as in the navigation. */
export function referencePages(types: Declarations): Readonly<Record<'errors' | 'json' | 'library', readonly GeneratedPage[]>> {
	const errors = {
		path: `${folder}/error-codes.md`,
		title: 'Error codes',
		intro: '',
		declarations: ['ErrorCode', 'ErrorLocation'].map(exportedIn(types)),
	};
	const shapes = types.json.map((declaration) => ({
		path: pathOfShape(declaration.name),
		title: declaration.name,
		intro: '',
		declarations: [declaration],
	}));
	const shared = sharedPages.map(({file, title, root}) => ({
		path: `${folder}/json/${file}.md`,
		title,
		intro: '',
		declarations: [exportedIn(types)(root)],
	}));
	// Shared types come first, so their pages describe the types in them.
	const json = withContainedTypes([errors, ...shared, ...shapes], new Set(), types);
	const described = new Set(json.flatMap(({declarations}) => declarations));
	const library = withContainedTypes(libraryReference(types, described), described, types);

	const names = new Map([...types.exported].map(([name, declaration]) => [declaration, name] as const));
	const nameOf = (declaration: Declaration) => names.get(declaration) ?? declaration.name;
	const pages = [...json, ...library].map((page) => ({
		...page,
		sections: page.path === errors.path ? errorSections(page, types) : sectionsOf(page, nameOf),
	}));
	const addresses = new Map(pages.flatMap(addressesIn));
	const generated = (wanted: readonly {readonly path: string}[]) =>
		wanted.flatMap(({path}) => pages.filter((page) => page.path === path)).map((page) => ({path: page.path, text: textOf(page, types, addresses)}));
	return {errors: generated([errors]), json: generated([...shapes, ...shared]), library: generated(library)};
}

/** Returns the path of the page of a shape: `StatusJson` is in `status.md`. */
export function pathOfShape(name: string): string {
	const words = name.replace(/Json$/, '').replaceAll(/(?<=[a-z])[A-Z]/g, '-$&');
	return `${folder}/json/${words.toLowerCase()}.md`;
}

function exportedIn({exported}: Declarations): (name: string) => Declaration {
	return (name) => {
		const declaration = exported.get(name);
		if (declaration === undefined) throw new Error(`source/index.ts does not export ${name}, which has a page in the reference`);
		return declaration;
	};
}

/** Adds each type that the types of a page contain to the first such page, unless it has a place already. */
function withContainedTypes(pages: readonly ReferencePage[], before: ReadonlySet<Declaration>, types: Declarations): readonly ReferencePage[] {
	const placed = new Set([...before, ...pages.flatMap(({declarations}) => declarations)]);
	return pages.map((page) => {
		const declarations = [...page.declarations];
		// The list grows in the loop: a contained type can contain others.
		for (const declaration of declarations) {
			for (const contained of isPlainData(declaration) ? contentsOf(declaration, types) : []) {
				if (placed.has(contained)) continue;
				placed.add(contained);
				declarations.push(contained);
			}
		}
		return {...page, declarations};
	});
}

/** Returns the types that a type contains. The fields of an interface that it extends are in the same table. */
function contentsOf(declaration: Declaration, types: Declarations): readonly Declaration[] {
	const bases = basesOf(declaration, types);
	return referencesOf(declaration, types).flatMap((target) => (bases.includes(target) ? contentsOf(target, types) : [target]));
}

function libraryReference({exported}: Declarations, described: ReadonlySet<Declaration>): readonly ReferencePage[] {
	const rest = [...exported.values()].filter((declaration) => !described.has(declaration));
	const pageFor = ({file}: Declaration) => libraryPages.find(({under}) => under.some((path) => file.startsWith(path)));
	const homeless = rest.filter((declaration) => pageFor(declaration) === undefined);
	if (homeless.length > 0) throw new Error(`no page of the library describes ${homeless.map(({name, file}) => `${name} (${file})`).join(', ')}`);
	return libraryPages.map((page) => ({
		path: `${folder}/library/${page.file}.md`,
		title: page.title,
		intro: page.intro,
		declarations: rest.filter((declaration) => pageFor(declaration) === page).toSorted((a, b) => Number(isType(a)) - Number(isType(b))),
	}));
}

/** Returns one section for each declaration. The declaration that the page is named after is directly below the title. */
function sectionsOf({title, intro, declarations}: ReferencePage, nameOf: (declaration: Declaration) => string): readonly Section[] {
	return [
		{body: () => intro},
		...declarations.map((declaration) => {
			const name = nameOf(declaration);
			const body = (context: SectionContext) => sectionOf(declaration, context);
			if (name === title) return {declaration, body};
			return {heading: declaration.nodes[0]?.type === 'TSDeclareFunction' ? `\`${name}()\`` : name, declaration, body};
		}),
	];
}

/** Returns one section for each code of `ErrorJson`, with its exit code. */
function errorSections({declarations: [codes, ...rest]}: ReferencePage, types: Declarations): readonly Section[] {
	const json = types.json.find(({name}) => name === 'ErrorJson');
	if (codes === undefined || json === undefined) throw new Error('source/commands/json.ts does not export ErrorJson');
	const members = [
		...unionMembers(codes.nodes[0]?.typeAnnotation as Node, codes, types),
		...unionMembers(typeOfField(json, ['error', 'code']), json, types),
	].filter(({literal}) => literal !== undefined);
	return [
		{declaration: codes, body: () => codes.doc},
		...members.map(({literal = '', doc}) => ({
			heading: `\`${literal}\``,
			body: () => `${doc}\n\nExit code: ${exitCodeOf(literal as ErrorCode)}`,
		})),
		...sectionsOf({path: '', title: '', intro: '', declarations: rest}, ({name}) => name),
	];
}

interface PageWithSections extends ReferencePage {
	readonly sections: readonly Section[];
}

/** Returns the address of each declaration of a page: its path, with the anchor of the section. */
function addressesIn({
	path,
	title,
	sections,
}: PageWithSections): readonly (readonly [Declaration, {readonly path: string; readonly anchor: string}])[] {
	const headed = sections.filter(({heading}) => heading !== undefined);
	const anchors = anchorsOf([title, ...headed.map(({heading = ''}) => plainText(heading))]);
	return sections.flatMap((section) => {
		const anchor = anchors[headed.indexOf(section) + 1] ?? '';
		return section.declaration === undefined ? [] : [[section.declaration, {path, anchor}] as const];
	});
}

type Addresses = ReadonlyMap<Declaration, {readonly path: string; readonly anchor: string}>;

function textOf({path, title, sections}: PageWithSections, types: Declarations, addresses: Addresses): string {
	const linkTo = (target: Declaration) => {
		const address = addresses.get(target);
		if (address === undefined) return undefined;
		return `${address.path === path ? '' : relative(dirname(path), address.path)}#${address.anchor}`;
	};
	return pageOf([`# ${title}`, ...sections.flatMap(({heading, body}) => [heading === undefined ? '' : `## ${heading}`, body({types, linkTo})])]);
}
