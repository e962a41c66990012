import {mentionedNames} from '../../ddl/statements/mentioned-names.ts';
import type {Step} from '../../plan/step.ts';
import {nameKey} from '../../schema/identifiers.ts';
import type {Schema} from '../../schema/schema.ts';
import type {PreparedRun} from '../run/prepared-run.ts';

/**
 * Returns the tables whose rows decide what a run deletes or changes: those it writes, and those that its statements, fills, views and triggers read. By
 * their current names, in lower case. Empty if the run loses nothing, so the rows may change at any time.
 */
export function decisiveTables({migrations, touched, changesRows, present}: PreparedRun): ReadonlySet<string> | 'all' {
	const mayConvert = migrations.some(({hazards}) => hazards.some((hazard) => 'blocking' in hazard && !hazard.blocking));
	if (!changesRows && !mayConvert) return new Set();
	if (touched === 'all') return 'all';
	const steps = migrations.flatMap(({scriptSteps}) => scriptSteps);
	const names = new Set([...touched, ...steps.flatMap(({step}) => [...namesRead(step)])]);
	for (const schema of [present, ...steps.map((step) => step.schema)]) addMentions(names, schema);
	return names;
}

function namesRead(step: Step): Iterable<string> {
	if (step.kind === 'execute') return mentionedNames(step.operation.sql);
	return step.kind === 'rewrite' ? mentionedNames(step.copy.expressions.join(', ')) : [];
}

/** Adds what the views and triggers of these names read and write. */
function addMentions(names: Set<string>, {views, triggers}: Schema): void {
	for (let size = 0; size !== names.size; ) {
		size = names.size;
		for (const {name, mentions} of views) if (names.has(nameKey(name))) for (const mentioned of mentions) names.add(mentioned);
		for (const {table, mentions} of triggers) if (names.has(nameKey(table))) for (const mentioned of mentions) names.add(mentioned);
	}
}
