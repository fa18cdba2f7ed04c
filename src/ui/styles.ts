/** The app's stylesheets, in order; imported once by whatever starts a page. */
import './tokens.css';
import './base.css';
import './controls.css';
import './table.css';
import './prose.css';
