/** Starts the page: the runner's entry always; the app itself unless the address asks for automation alone. */
import '../ui/styles.ts';
import './app.css';
import './cell.css';
import './panels.css';
import { SensoriumApp, tellUnhandled } from './app.ts';
import { offerAutomation } from './automation.ts';
import { openEnvironment } from './environment.ts';
import { setTheme, themeChoice } from './preferences.ts';

offerAutomation(() => openEnvironment());
if (location.hash !== '#automation') {
  setTheme(themeChoice());
  tellUnhandled();
  document.body.append(new SensoriumApp());
}
