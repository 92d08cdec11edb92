// Where require.js finds anywidget when the site uses no network.
require.config({ paths: { anywidget: document.currentScript.src.replace(/widget_paths\.js.*$/, "anywidget") } });
