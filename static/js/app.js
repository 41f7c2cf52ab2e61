// What every page does once it is there. Each module stands alone; all of it is comfort, nothing needs it.

import "./answers.js";
import "./composer.js";
import "./countdown.js";
import "./dialogs.js";
import "./drafts.js";
import "./forms.js";
import "./keys.js";
import "./needs.js";
import "./panes.js";
import "./select.js";
import "./stick.js";
import "./times.js";
import "./titles.js";
