import type {Screen} from '../../../source/ui/page/screen.ts';
import {backupsScreen, restoreScreen} from '../../../source/ui/screens/backups.ts';
import {browserScreen, objectScreen} from '../../../source/ui/screens/browser.ts';
import {changedLines, changedScreen} from '../../../source/ui/screens/changed.ts';
import {fillScreen} from '../../../source/ui/screens/fill.ts';
import {fleetConsentScreen, fleetReviewScreen} from '../../../source/ui/screens/fleet.ts';
import {historyScreen, migrationScreen} from '../../../source/ui/screens/history.ts';
import {homeScreen} from '../../../source/ui/screens/home.ts';
import {nameScreen} from '../../../source/ui/screens/name.ts';
import {previewScreen} from '../../../source/ui/screens/preview.ts';
import {problemScreen} from '../../../source/ui/screens/problem.ts';
import {pullConsentScreen, pullScreen} from '../../../source/ui/screens/pull.ts';
import {questionScreen} from '../../../source/ui/screens/question.ts';
import {reviewScreen, runConsentScreen} from '../../../source/ui/screens/review.ts';
import {sameAnswerScreen} from '../../../source/ui/screens/same-answer.ts';
import {existingScreen, firstModelScreen, startScreen} from '../../../source/ui/screens/start.ts';
import * as sample from './samples.ts';

// biome-ignore lint/suspicious/noExplicitAny: screens of all states and results in one list
type AnyScreen = Screen<any, any>;

/** Returns every screen of the program with typical data, by name. */
export function everyScreen(): Readonly<Record<string, AnyScreen>> {
	const question = {number: 1, total: 2, alsoAsked: [], hidesSamples: false, canGoBack: true, alike: () => 24};
	const prisma = {kind: 'Prisma', models: './prisma/schema.prisma', databaseFolder: 'prisma', database: undefined, casing: undefined} as const;
	const consent = {...sample.plan, findings: sample.findings, needsConsent: true};
	return {
		home: homeScreen({version: '1.0.0', overview: sample.overview, assessment: sample.assessment}),
		rename: questionScreen({...question, question: sample.rename, evidence: sample.renameEvidence}),
		drop: questionScreen({...question, question: sample.drop, evidence: sample.dropEvidence}),
		fill: fillScreen({...question, question: sample.fill, evidence: sample.fillEvidence, trial: undefined, isConversion: false, expression: ''}),
		'same answer': sameAnswerScreen({
			questions: [{question: sample.rename, evidence: sample.renameEvidence}],
			answer: {kind: 'rename', from: 'name'},
		}),
		preview: previewScreen({name: 'names', draft: sample.draft, canGoBack: true}),
		pull: pullScreen({preview: sample.pullPreview, formats: ['ts', 'sql', 'drizzle'], shows: 'summary'}),
		'pull over models': pullConsentScreen({...sample.pullPreview, others: ['models/shop.sql', 'models/blog.sql']}),
		name: nameScreen({title: 'Create a migration', suggestion: 'names', complaint: () => undefined}),
		review: reviewScreen(sample.plan),
		'failing review': reviewScreen({...sample.plan, findings: [sample.failing, ...sample.findings]}),
		consent: runConsentScreen(consent),
		'review of a rehearsal': reviewScreen({...sample.plan, rehearsal: sample.rehearsal, needsConsent: true}),
		'consent to effects': runConsentScreen({...sample.plan, rehearsal: sample.rehearsal, needsConsent: true}),
		'changed review': changedScreen(reviewScreen(sample.plan), changedLines('app.db', ['another process was faster'])),
		'fleet review': fleetReviewScreen({...sample.fleet, plan: {...sample.fleet.plan, losses: []}}, sample.fleetRun),
		'fleet consent': fleetConsentScreen(sample.fleet, sample.fleetRun),
		history: historyScreen({
			overview: sample.overview,
			entries: sample.history,
			assessment: {...sample.assessment, destructive: ['20261110_090000_names', '20261122_175200_events']},
		}),
		'history beside details': historyScreen({
			overview: sample.overview,
			entries: sample.history,
			assessment: sample.assessment,
			at: sample.history[1]!.name,
			details: new Map([[sample.history[1]!.name, {...sample.details, changes: sample.changes}]]),
		}),
		migration: migrationScreen(sample.history[1]!, {...sample.details, changes: sample.changes}, sample.now),
		backups: backupsScreen({backups: sample.overview.backups.map((backup) => ({...backup, reason: 'before names'})), now: sample.now}),
		restore: restoreScreen(sample.restorePlan, sample.now),
		problem: problemScreen({title: 'That did not work', problem: sample.problem, canRetry: true}),
		start: startScreen({version: '1.0.0', databases: [{name: 'shop.db', bytes: 4_100_000, tables: 60, tool: 'Prisma'}], d1: [], newName: 'app.db'}),
		'existing database': existingScreen({name: 'shop.db', bytes: 4_100_000, tables: 60, tool: 'Prisma'}, prisma, 'stop'),
		browser: browserScreen({database: 'shop/app.db', objects: [sample.browsed], at: undefined}),
		'browsed table': objectScreen({object: sample.browsed, rows: {columns: ['id', 'name'], rows: [['1', "'Ann Lee'"]]}, hidesSamples: false}),
		'first model': firstModelScreen(null),
		'first model with a Prisma schema': firstModelScreen(prisma),
		'first model with several Drizzle schemas': firstModelScreen({...prisma, kind: 'Drizzle', models: ['./src/db/auth.ts', './src/db/shop.ts']}),
	};
}
