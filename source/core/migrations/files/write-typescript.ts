import {indented} from '../../ddl/indent.ts';
import {MigrError} from '../../errors.ts';
import type {ChangeTable, Operation, SqlValue} from '../../operations/operation.ts';
import {objectKey, templateText, textLiteral} from '../../text/typescript.ts';

const step = '    ';

/** Returns a migration file in TypeScript for these operations, formatted to be read and edited. */
export function typescriptMigration(
	comments: readonly string[],
	upgrade: readonly Operation[],
	downgrade: readonly Operation[],
	downgradeComments: readonly string[],
	squashes: readonly string[] = [],
): string {
	const blocks = [
		"import type {MigrationBuilder} from 'lite-migr';",
		...(squashes.length === 0 ? [] : [`export const squashes = [\n${squashes.map((name) => `${step}${textLiteral(name)},\n`).join('')}];`]),
		...(comments.length === 0 ? [] : [comments.map((line) => `// ${line}`).join('\n')]),
		functionText('upgrade', upgrade, []),
		// A squash of data changes has no downgrade.
		...(squashes.length > 0 && downgrade.length === 0 ? [] : [functionText('downgrade', downgrade, downgradeComments)]),
	];
	return `${blocks.join('\n\n')}\n`;
}

/** Returns a migration file without operations, for data changes. */
export function emptyTypescriptMigration(): string {
	return `import type {MigrationBuilder} from 'lite-migr';

export function upgrade(op: MigrationBuilder) {
${step}// op.execute('UPDATE …') for plain SQL, op.run(({db}) => …) for code
}

export function downgrade(op: MigrationBuilder) {
}
`;
}

function functionText(name: string, operations: readonly Operation[], comments: readonly string[]): string {
	const lines = [...comments.map((line) => `${step}// ${line}`), ...operations.map((operation) => `${step}${callText(operation)}`)];
	return `export function ${name}(${operations.length === 0 ? '_op' : 'op'}: MigrationBuilder) {\n${lines.map((line) => `${line}\n`).join('')}}`;
}

function ifExistsText({ifExists}: {readonly ifExists?: true}): readonly string[] {
	return ifExists ? ['{ifExists: true}'] : [];
}

function callText(operation: Operation): string {
	const call = (...parameters: readonly string[]) => `op.${operation.kind}(${parameters.join(', ')});`;
	switch (operation.kind) {
		case 'createTable':
		case 'createIndex':
		case 'createView':
		case 'createTrigger':
			return call(sqlText(operation.sql));
		case 'dropTable':
			return call(textLiteral(operation.table), ...ifExistsText(operation));
		case 'renameTable':
			return call(textLiteral(operation.table), textLiteral(operation.to));
		case 'addColumn':
			return call(
				textLiteral(operation.table),
				sqlText(operation.definition),
				...(operation.fill === undefined ? [] : [`{fill: ${textLiteral(operation.fill)}}`]),
			);
		case 'dropColumn':
			return call(textLiteral(operation.table), textLiteral(operation.column));
		case 'renameColumn':
			return call(textLiteral(operation.table), textLiteral(operation.column), textLiteral(operation.to));
		case 'changeTable':
			return call(textLiteral(operation.table), sqlText(operation.sql), ...changeOptionsText(operation));
		case 'dropIndex':
			return call(textLiteral(operation.index), ...ifExistsText(operation));
		case 'dropView':
			return call(textLiteral(operation.view), ...ifExistsText(operation));
		case 'dropTrigger':
			return call(textLiteral(operation.trigger), ...ifExistsText(operation));
		case 'execute':
			return call(sqlText(operation.sql), ...(operation.parameters.length === 0 ? [] : [`[${operation.parameters.map(valueText).join(', ')}]`]));
		case 'run':
			throw new MigrError('migration', 'code cannot be written to a migration file: copy it from its own file');
	}
}

function changeOptionsText({fill, from = []}: ChangeTable): readonly string[] {
	const fills = Object.entries(fill).map(([column, expression]) => `${objectKey(column)}: ${textLiteral(expression)}`);
	const hashes = from.map(textLiteral).join(', ');
	const options = [
		...(fills.length === 0 ? [] : [`fill: {${fills.join(', ')}}`]),
		...(from.length === 0 ? [] : [`from: ${from.length === 1 ? hashes : `[${hashes}]`}`]),
	];
	return options.length === 0 ? [] : [`{${options.join(', ')}}`];
}

/** Returns SQL as a literal. SQL of several lines starts on a new line, indented by two steps. `fromTemplate` removes the indentation on load. */
function sqlText(sql: string): string {
	if (!sql.includes('\n')) return textLiteral(sql);
	const by = step + step;
	return `\`\n${by}${templateText(indented(sql, by))}\``;
}

function valueText(value: SqlValue): string {
	if (value === null) return 'null';
	if (typeof value === 'string') return textLiteral(value);
	if (typeof value === 'bigint') return `${value}n`;
	return typeof value === 'number' ? String(value) : `new Uint8Array([${value.join(', ')}])`;
}
