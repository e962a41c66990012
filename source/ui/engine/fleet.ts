import {emitted} from '../../core/migrations/emitted.ts';
import type {FleetFailure, FleetProgress} from '../../core/migrations/fleet/fleet.ts';
import {runFleet} from '../../core/migrations/fleet/run-fleet.ts';
import {addressed, addressOf} from '../../core/text/address.ts';
import {nearPlaces} from '../../core/text/near-places.ts';
import type {FleetScreenEvent, Services} from '../services.ts';
import {nearPath} from './near-path.ts';

/** Returns the services of a run on several databases. */
export function fleetServices(place: {readonly cwd: string; readonly config: string | undefined}): Pick<Services, 'runFleet' | 'answerFleet'> {
	let answer = (_isConfirmed: boolean): void => {};
	return {
		runFleet: (request, signal) =>
			emitted<FleetScreenEvent, void>(async (emit) => {
				const confirm: NonNullable<Parameters<typeof runFleet>[0]['confirm']> = (plan) => {
					const {promise, resolve} = Promise.withResolvers<boolean>();
					answer = resolve;
					emit(withNearPaths({type: 'fleetQuestion', plan}, place));
					return promise;
				};
				// The output of migrations would corrupt the screen.
				for await (const event of runFleet({...request, signal, confirm})) {
					if (event.type === 'notice' && event.lock !== undefined) {
						emit(withNearPaths({type: 'fleetLock', database: event.database, lock: event.lock}, place));
					} else if (event.type === 'fleetPlan' || event.type === 'fleetProgress' || event.type === 'fleet') emit(withNearPaths(event, place));
				}
			}),
		answerFleet: async (isConfirmed) => answer(isConfirmed),
	};
}

interface Place {
	readonly cwd: string;
	readonly config: string | undefined;
}

/** Makes the paths in an event relative to the working folder. Commands that a failure suggests name its database. */
function withNearPaths<Event extends FleetScreenEvent>(event: Event, place: Place): Event {
	return nearEvent(event, place) as Event;
}

function nearEvent(event: FleetScreenEvent, place: Place): FleetScreenEvent {
	const near = (path: string): string => nearPath(path, place.cwd);
	switch (event.type) {
		case 'fleetQuestion':
			return {...event, plan: withNearPaths(event.plan, place)};
		case 'fleetLock':
			return {...event, database: near(event.database)};
		case 'fleetPlan':
			return {...event, losses: event.losses.map((one) => ({...one, database: near(one.database)}))};
		case 'fleetProgress': {
			const {started, finished} = event;
			return {
				...event,
				...(started === undefined ? {} : {started: near(started)}),
				...(finished === undefined ? {} : {finished: nearResult(finished, place)}),
			};
		}
		case 'fleet': {
			const failed = event.failed.map(({database, ...failure}) => ({...failure, ...nearFailure(failure, database, place), database: near(database)}));
			const stopped = event.stopped && {...event.stopped, message: nearPlaces(event.stopped.message, place.cwd)};
			return {...event, failed, stopped};
		}
	}
}

function nearResult({database, result}: NonNullable<FleetProgress['finished']>, place: Place): NonNullable<FleetProgress['finished']> {
	const near = nearPath(database, place.cwd);
	if (result.kind !== 'failed') return {database: near, result};
	const {failure} = result;
	const details = failure.details.map((detail) => nearPlaces(detail, place.cwd));
	return {database: near, result: {...result, failure: {...failure, ...nearFailure(failure, database, place), details}}};
}

function nearFailure(
	{message, hint}: Pick<FleetFailure, 'message' | 'hint'>,
	database: string,
	{cwd, config}: Place,
): Pick<FleetFailure, 'message' | 'hint'> {
	const address = addressOf({config, db: nearPath(database, cwd)});
	return {message: nearPlaces(message, cwd), hint: hint && nearPlaces(addressed(hint, address), cwd)};
}
