package browser

// FaintText lists text whose contrast to its ground is below 4.5 to 1.
const FaintText = `(() => {
	const canvas = document.createElement('canvas').getContext('2d', { willReadFrequently: true });
	const rgba = (color) => {
		canvas.clearRect(0, 0, 1, 1);
		canvas.fillStyle = color;
		canvas.fillRect(0, 0, 1, 1);
		return [...canvas.getImageData(0, 0, 1, 1).data];
	};
	const luminance = (color) => rgba(color).slice(0, 3).map((v) => v / 255).map((v) => (v <= 0.04045 ? v / 12.92 : ((v + 0.055) / 1.055) ** 2.4))
		.reduce((sum, v, i) => sum + v * [0.2126, 0.7152, 0.0722][i], 0);
	const ground = (element) => {
		for (let e = element; e; e = e.parentElement) {
			const color = getComputedStyle(e).backgroundColor;
			if (rgba(color)[3] === 255) return color;
		}
		return getComputedStyle(document.documentElement).colorScheme === 'dark' ? '#000' : '#fff';
	};
	const faint = [];
	const walker = document.createTreeWalker(document.body, NodeFilter.SHOW_TEXT);
	while (walker.nextNode()) {
		const text = walker.currentNode.textContent.trim(), element = walker.currentNode.parentElement;
		if (!text || element.closest('noscript, datalist, :disabled') || !element.checkVisibility()) continue;
		const [a, b] = [luminance(getComputedStyle(element).color), luminance(ground(element))];
		const contrast = (Math.max(a, b) + 0.05) / (Math.min(a, b) + 0.05);
		if (contrast < 4.5) faint.push(text.slice(0, 40) + ' has a contrast of ' + contrast.toFixed(2));
	}
	return faint;
})()`
