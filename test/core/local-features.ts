import {featuresOf} from '../../source/core/plan/features.ts';
import {localSqliteVersion} from '../../source/core/sqlite/driver/choose.ts';

/** What the SQLite of these tests can do. With node:sqlite, it depends on the version of Node.js. */
export const localFeatures = featuresOf(localSqliteVersion());

/** The token at which SQLite stops reading the ALTER COLUMN of libSQL. Without SET NOT NULL, it does not expect ALTER at all. */
export const tokenOfAlterColumn = localFeatures.alterConstraints ? 'TO' : 'ALTER';
