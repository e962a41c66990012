export {driftText} from '../../core/migrations/drift-text.ts';
