//! What all figures have in common.

/// Size and title of a figure.
///
/// ```
/// use closedform::plot::Figure;
///
/// let figure = Figure::default().size(1200, 800).title("Exponential learning");
/// assert_eq!(figure.width, 1200);
/// assert_eq!(figure.title.as_deref(), Some("Exponential learning"));
/// ```
#[derive(Clone, Debug, PartialEq, Eq)]
#[non_exhaustive]
pub struct Figure {
    /// Width in pixels; values outside 240..=3000 are drawn as the nearest of these.
    pub width: u32,
    /// Height in pixels; values outside 240..=3000 are drawn as the nearest of these.
    pub height: u32,
    /// Written above the figure.
    pub title: Option<String>,
}

impl Figure {
    /// Sets width and height in pixels.
    ///
    /// ```
    /// # use closedform::plot::Figure;
    /// assert_eq!(Figure::default().size(640, 480).height, 480);
    /// ```
    #[must_use]
    pub fn size(mut self, width: u32, height: u32) -> Self {
        (self.width, self.height) = (width, height);
        self
    }

    /// Sets the title.
    ///
    /// ```
    /// # use closedform::plot::Figure;
    /// assert!(Figure::default().title("Learning").title.is_some());
    /// ```
    #[must_use]
    pub fn title(mut self, title: impl Into<String>) -> Self {
        self.title = Some(title.into());
        self
    }

    /// The size that is drawn: too small has no room for labels, too large no room in memory.
    pub(super) fn pixels(&self) -> (u32, u32) {
        (self.width.clamp(240, 3000), self.height.clamp(240, 3000))
    }
}

impl Default for Figure {
    fn default() -> Self {
        Self { width: 900, height: 600, title: None }
    }
}
