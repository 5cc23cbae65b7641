// A page with nothing of its own to do.
import { growAges, themeButton } from "./chrome.js";
import { bindKeys, helpDialog } from "./keys.js";

themeButton();
growAges();
bindKeys({ "?": helpDialog() });
