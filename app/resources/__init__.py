"""Resources (捐赠与资源): from a pledge to what a household signed for."""
