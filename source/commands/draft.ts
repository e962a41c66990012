export {draftOf, type ProjectDraft, rowCounter} from '../core/migrations/project-draft.ts';
