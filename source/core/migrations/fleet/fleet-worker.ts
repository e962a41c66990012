/** The worker thread of a fleet. It processes one database at a time, with its own plans. */
import {parentPort, workerData} from 'node:worker_threads';
import type {ApplyEvent} from '../event.ts';
import type {FleetSettings} from './fleet.ts';
import {type LaneReply, type LaneRequest, ownLane} from './lanes.ts';

const port = parentPort!;
const settings = workerData as FleetSettings;
const lane = ownLane(settings);

port.on('message', async (request: LaneRequest) => {
	if (request.kind === 'stopWaiting') return lane.stopWaiting();
	const {target} = request;
	const result = request.kind === 'look' ? await lane.look(target, report) : await lane.run(target, request.plan, report);
	reply({kind: 'result', result});
});

function report(event: ApplyEvent): void {
	// A wait is always reported.
	if (settings.needsEvents || (event.type === 'notice' && event.lock !== undefined)) reply({kind: 'event', event});
}

function reply(message: LaneReply): void {
	port.postMessage(message);
}
