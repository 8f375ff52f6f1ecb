import { renderAccount } from './account.mjs';
import { open } from './live.mjs';
import { renderLog } from './log.mjs';
import { renderScenarios } from './scenarios.mjs';
import { renderSteps } from './steps.mjs';

renderLog();
open();
renderSteps();
renderScenarios();
await renderAccount();
