import { mount } from 'svelte';

import './app.css';
import App from './App.svelte';
import { route } from './lib/route.svelte';

// The address is read before anything is drawn, so that nothing is drawn twice.
route.read(location.pathname, location.search);

const target = document.getElementById('app');
if (target !== null) mount(App, { target });
